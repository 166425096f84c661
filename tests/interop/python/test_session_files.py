"""A session's file, read with nothing but numpy and what everybody knows of the format: length, JSON, offsets."""

import json
import struct
import unittest

import numpy as np

from bits import assert_same_bits
from service_test_case import CALL_SECONDS_MAX
from session_calls import get_session
from small_session import NAMES, SmallSessionTestCase
from stubs import checkpoints_pb2, types_pb2

DTYPES = {"F32": np.float32, "F16": np.float16, "I32": np.int32}
PIECE_BYTES = 1000


def read_file(data):
    """The metadata and the arrays of a file; what is not as the format has it fails."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    begin, arrays, ends = 8 + length, {}, [0]
    if begin % 8 != 0:
        raise AssertionError("the data is not aligned")
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, end = entry["data_offsets"]
        if first != ends[-1]:
            raise AssertionError(f"{name} begins at {first}, not at {ends[-1]}")
        ends.append(end)
        arrays[name] = np.frombuffer(data[begin + first : begin + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    if begin + ends[-1] != len(data):
        raise AssertionError("the arrays do not fill the file")
    return metadata, arrays


class SessionFileTests(SmallSessionTestCase):
    def export(self):
        request = checkpoints_pb2.ExportSessionRequest(session=types_pb2.SessionRef(session_id=self.session_id))
        messages = list(self.checkpoints.ExportSession(request, timeout=CALL_SECONDS_MAX))
        data = b"".join(message.data for message in messages[1:])
        self.assertEqual(messages[0].begin.size_bytes, len(data))
        return data

    def test_file_has_tensors_and_slots_under_their_names(self):
        self.assert_step_is_taken(1)
        metadata, arrays = read_file(self.export())
        self.assertEqual({f"{name}{slot}" for name in NAMES for slot in ("", "/m", "/v")}, set(arrays))
        for slot, expected in (("", self.replica.weights), ("/m", self.replica.first_moments), ("/v", self.replica.second_moments)):
            assert_same_bits(self, expected, [arrays[name + slot] for name in NAMES], f"arrays NAME{slot}")
        state = json.loads(metadata["adam.state"])
        self.assertEqual(("1", "2", "1"), (metadata["adam.format"], state["version"], state["groups"][0]["iterations"]))
        self.assertEqual("Adam", json.loads(metadata["keras_config"])["class_name"])

    def test_import_of_an_export_is_the_session_again(self):
        self.assert_step_is_taken(1)
        data = self.export()
        name = f"{self.session_id}-copy"

        def messages():
            yield checkpoints_pb2.ImportSessionRequest(begin=checkpoints_pb2.ImportBegin(session_id=name))
            for start in range(0, len(data), PIECE_BYTES):
                yield checkpoints_pb2.ImportSessionRequest(data=data[start : start + PIECE_BYTES])

        self.checkpoints.ImportSession(messages(), timeout=CALL_SECONDS_MAX)
        original, copy = get_session(self.sessions, self.session_id), get_session(self.sessions, name)
        self.assertNotEqual(original.session_uid, copy.session_uid)
        self.assertEqual((original.version, original.groups[0].iterations), (copy.version, copy.groups[0].iterations))
        self.assertEqual(2, copy.workers[0].next_sequence)


if __name__ == "__main__":
    unittest.main()
