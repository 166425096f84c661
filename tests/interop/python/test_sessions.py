"""The life of a session, from a client that has nothing but the contract."""

import unittest

import grpc
import numpy as np
from google.protobuf import field_mask_pb2

from bits import assert_same_bits
from chunks import cut, from_bytes
from rpc_errors import assert_refused
from service_test_case import CALL_SECONDS_MAX
from session_calls import create_request, get_session
from small_session import NAMES, OPTIONS, SHAPES, SLOTS, SmallSessionTestCase, weights
from stubs import sessions_pb2, training_pb2, types_pb2


class SessionsTests(SmallSessionTestCase):
    def test_defaults_are_filled_in(self):
        session = get_session(self.sessions, self.session_id)
        group = session.optimizer.groups[0]
        self.assertEqual((0.01, 0.9, 0.999, 1e-7), (group.learning_rate.value, group.beta_1, group.beta_2, group.epsilon))
        self.assertEqual(types_pb2.DURABILITY_TIER_MEMORY, session.durability.tier)
        self.assertEqual(16, len(session.session_uid))

    def test_service_makes_an_id_when_the_caller_has_none(self):
        request = create_request("", OPTIONS, NAMES, weights())
        made = [self.sessions.CreateSession(request, timeout=CALL_SECONDS_MAX).session.session_id for _ in range(2)]
        self.assertTrue(all(made))
        self.assertNotEqual(made[0], made[1])

    def test_list_by_label_page_by_page(self):
        labels = {"test": self.session_id}
        ids = [f"{self.session_id}-{i}" for i in range(5)]
        for session_id in reversed(ids):
            self.sessions.CreateSession(create_request(session_id, OPTIONS, NAMES, weights(), labels=labels))
        found, token = [], ""
        while True:
            request = sessions_pb2.ListSessionsRequest(labels=labels, page_size=2, page_token=token)
            page = self.sessions.ListSessions(request, timeout=CALL_SECONDS_MAX)
            self.assertLessEqual(len(page.sessions), 2)
            found += [session.session_id for session in page.sessions]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(ids, found)

    def test_learning_rate_that_is_changed_counts_from_the_next_step(self):
        self.assert_step_is_taken(1)
        update = sessions_pb2.UpdateSessionRequest(
            session=types_pb2.SessionRef(session_id=self.session_id),
            update=sessions_pb2.SessionUpdate(learning_rate=types_pb2.LearningRate(value=0.003)),
            update_mask=field_mask_pb2.FieldMask(paths=["learning_rate"]),
        )
        session = self.sessions.UpdateSession(update, timeout=CALL_SECONDS_MAX).session
        self.assertEqual(self.version_at_start + 2, session.version)
        self.replica.learning_rate = np.float32(0.003)
        self.version_at_start += 1
        self.assert_step_is_taken(2)
        self.assert_session_is_the_replica()

    def test_read_if_newer_costs_one_header(self):
        request = training_pb2.ReadTensorsRequest(
            session=types_pb2.SessionRef(session_id=self.session_id), if_newer_than=self.version_at_start
        )
        unchanged = list(self.training.ReadTensors(request, timeout=CALL_SECONDS_MAX))
        self.assertTrue(unchanged[0].header.unchanged)
        self.assertFalse(any(message.HasField("chunk") for message in unchanged))
        self.assert_step_is_taken(1)
        changed = list(self.training.ReadTensors(request, timeout=CALL_SECONDS_MAX))
        self.assertFalse(changed[0].header.unchanged)
        self.assertTrue(any(message.HasField("chunk") for message in changed))

    def test_session_that_is_written_at_another_iteration_goes_on_from_there(self):
        self.assert_step_is_taken(1)
        ones = [np.full(shape, 1.5, np.float32) for shape in SHAPES]
        begin = training_pb2.WriteBegin(session=types_pb2.SessionRef(session_id=self.session_id))
        requests = [training_pb2.WriteTensorsRequest(begin=begin)]
        for slot in SLOTS:
            for index, values in enumerate(ones):
                requests += [training_pb2.WriteTensorsRequest(chunk=chunk) for chunk in cut(index, values, values.size, slot)]
        requests.append(training_pb2.WriteTensorsRequest(commit=training_pb2.WriteCommit(iterations=40)))
        response = self.training.WriteTensors(iter(requests), timeout=CALL_SECONDS_MAX)
        self.assertEqual(self.version_at_start + 2, response.version)

        self.replica.weights = [x.copy() for x in ones]
        self.replica.first_moments = [x.copy() for x in ones]
        self.replica.second_moments = [x.copy() for x in ones]
        self.replica.iterations = 40
        self.version_at_start = response.version - 40
        self.assert_session_is_the_replica()
        self.assert_step_is_taken(2)
        self.assert_session_is_the_replica()

    def test_session_that_is_deleted_is_gone(self):
        ref = types_pb2.SessionRef(session_id=self.session_id)
        with self.open_stream() as stream:
            self.sessions.DeleteSession(sessions_pb2.DeleteSessionRequest(session=ref), timeout=CALL_SECONDS_MAX)
            assert_refused(self, lambda: stream.receive("result"), grpc.StatusCode.ABORTED, "SESSION_DELETED", self.session_id)
        assert_refused(self, lambda: get_session(self.sessions, self.session_id), grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND")

    def test_read_of_one_slot_of_one_tensor(self):
        self.assert_step_is_taken(1)
        request = training_pb2.ReadTensorsRequest(
            session=types_pb2.SessionRef(session_id=self.session_id),
            slots=[types_pb2.SLOT_SECOND_MOMENT],
            tensors=types_pb2.TensorIndexes(indexes=[1]),
        )
        messages = list(self.training.ReadTensors(request, timeout=CALL_SECONDS_MAX))
        (chunk,) = [message.chunk for message in messages if message.HasField("chunk")]
        self.assertEqual((1, types_pb2.SLOT_SECOND_MOMENT), (chunk.tensor_index, chunk.slot))
        assert_same_bits(self, self.replica.second_moments[1:], [from_bytes(chunk.data, SHAPES[1])], "v of the bias")


if __name__ == "__main__":
    unittest.main()
