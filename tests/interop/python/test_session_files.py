"""A session's file as a program reads it that knows nothing of the service."""

import json
import unittest

from bits import assert_same_bits
from plain_safetensors import read_file
from session_calls import export_session, get_session, import_session
from small_session import NAMES, SmallSessionTestCase

PIECE_BYTES = 1000


class SessionFileTests(SmallSessionTestCase):
    def test_file_has_tensors_and_slots_under_their_names(self):
        self.assert_step_is_taken(1)
        metadata, arrays = read_file(export_session(self.checkpoints, self.session_id))
        self.assertEqual({f"{name}{slot}" for name in NAMES for slot in ("", "/m", "/v")}, set(arrays))
        for slot, expected in (("", self.replica.weights), ("/m", self.replica.first_moments), ("/v", self.replica.second_moments)):
            assert_same_bits(self, expected, [arrays[name + slot] for name in NAMES], f"arrays NAME{slot}")
        state = json.loads(metadata["adam.state"])
        self.assertEqual(("1", "2", "1"), (metadata["adam.format"], state["version"], state["groups"][0]["iterations"]))
        self.assertEqual("Adam", json.loads(metadata["keras_config"])["class_name"])

    def test_import_of_an_export_is_the_session_again(self):
        self.assert_step_is_taken(1)
        data = export_session(self.checkpoints, self.session_id)
        name = f"{self.session_id}-copy"

        import_session(self.checkpoints, data, name, PIECE_BYTES)
        original, copy = get_session(self.sessions, self.session_id), get_session(self.sessions, name)
        self.assertNotEqual(original.session_uid, copy.session_uid)
        self.assertEqual((original.version, original.groups[0].iterations), (copy.version, copy.groups[0].iterations))
        self.assertEqual(2, copy.workers[0].next_sequence)


if __name__ == "__main__":
    unittest.main()
