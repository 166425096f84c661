"""Sessions that are unknown, known twice, replaced, not ready or badly described."""

import unittest

import grpc

from chunks import to_bytes
from keras_adam import AdamOptions
from rpc_errors import assert_refused
from service_test_case import CALL_SECONDS_MAX
from session_calls import create_request, create_session, get_session, open_message, read_tensors, step_request
from small_session import NAMES, OPTIONS, SHAPES, SmallSessionTestCase, gradients, weights
from stubs import sessions_pb2, training_pb2, types_pb2
from train_stream import TrainStream


class UnknownSessionTests(SmallSessionTestCase):
    def test_every_call_names_the_session_that_is_not_there(self):
        ref = types_pb2.SessionRef(session_id="nobody")
        write = training_pb2.WriteTensorsRequest(begin=training_pb2.WriteBegin(session=ref))
        calls = {
            "GetSession": lambda: get_session(self.sessions, "nobody"),
            "DeleteSession": lambda: self.sessions.DeleteSession(sessions_pb2.DeleteSessionRequest(session=ref)),
            "Step": lambda: self.training.Step(step_request("nobody", 1, gradients())),
            "Train": lambda: TrainStream(self.training, open_message("nobody")),
            "ReadTensors": lambda: read_tensors(self.training, "nobody", SHAPES),
            "WriteTensors": lambda: self.training.WriteTensors(iter([write])),
        }
        for method, call in calls.items():
            with self.subTest(method=method):
                assert_refused(self, call, grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND", "nobody")

    def test_session_that_was_made_again_is_not_taken_for_the_old_one(self):
        old = get_session(self.sessions, self.session_id)
        delete = sessions_pb2.DeleteSessionRequest(session=types_pb2.SessionRef(session_id=self.session_id))
        self.sessions.DeleteSession(delete, timeout=CALL_SECONDS_MAX)
        new = create_session(self.sessions, self.session_id, OPTIONS, NAMES, weights())
        self.assertNotEqual(old.session_uid, new.session_uid)

        request = step_request(self.session_id, 1, gradients())
        request.session.session_uid = old.session_uid
        assert_refused(self, lambda: self.training.Step(request), grpc.StatusCode.NOT_FOUND, "SESSION_REPLACED", self.session_id)
        self.assert_session_is_the_replica()

    def test_generation_that_never_was(self):
        request = step_request(self.session_id, 1, gradients())
        request.session.expected_generation = 41
        refusal = assert_refused(self, lambda: self.training.Step(request), grpc.StatusCode.ABORTED, "GENERATION_CHANGED", "41")
        self.assertEqual(str(get_session(self.sessions, self.session_id).generation), refusal.metadata["generation"])
        self.assertEqual(str(self.version_at_start), refusal.metadata["version"])
        self.assert_session_is_the_replica()


class CreateAgainTests(SmallSessionTestCase):
    def test_same_request_returns_the_same_session(self):
        self.assert_step_is_taken(1)
        request = create_request(self.session_id, OPTIONS, NAMES, weights())
        response = self.sessions.CreateSession(request, timeout=CALL_SECONDS_MAX)
        self.assertFalse(response.created)
        self.assertEqual(get_session(self.sessions, self.session_id).session_uid, response.session.session_uid)
        self.assert_session_is_the_replica()

    def test_other_request_names_the_fields_that_differ(self):
        other = AdamOptions(learning_rate=OPTIONS.learning_rate, beta_1=0.8)
        request = create_request(self.session_id, other, (NAMES[0], "dense/other"), weights())
        refusal = assert_refused(
            self,
            lambda: self.sessions.CreateSession(request, timeout=CALL_SECONDS_MAX),
            grpc.StatusCode.ALREADY_EXISTS,
            "SESSION_EXISTS",
            self.session_id,
        )
        self.assertIn("beta_1", refusal.metadata["fields"])
        self.assertIn("name", refusal.metadata["fields"])
        self.assertNotIn("learning_rate", refusal.metadata["fields"])
        self.assert_session_is_the_replica()


class BadDescriptionTests(SmallSessionTestCase):
    def test_clips_of_which_keras_takes_only_one(self):
        options = AdamOptions(clipnorm=1.0, clipvalue=1.0)
        self._assert_not_created(options, "INVALID_OPTIMIZER", "clipnorm", "clipvalue")

    def test_accumulation_of_one_step(self):
        self._assert_not_created(AdamOptions(gradient_accumulation_steps=1), "INVALID_OPTIMIZER", "gradient_accumulation_steps")

    def test_name_that_comes_twice(self):
        request = create_request(f"{self.session_id}-2", OPTIONS, (NAMES[0], NAMES[0]), weights())
        self._assert_refused_creation(request, "INVALID_FIELD", NAMES[0])

    def test_initial_values_of_another_size(self):
        request = create_request(f"{self.session_id}-2", OPTIONS, NAMES, weights())
        request.initial_values[1].data = to_bytes(weights()[0])
        self._assert_refused_creation(request, "INVALID_FIELD", "initial_values[1].data", NAMES[1], "12", "48")

    def test_step_before_all_tensors_have_values(self):
        session_id = f"{self.session_id}-2"
        session = create_session(self.sessions, session_id, OPTIONS, NAMES, weights(), with_values=False)
        assert_refused(
            self,
            lambda: self.training.Step(step_request(session_id, 1, gradients())),
            grpc.StatusCode.FAILED_PRECONDITION,
            "NOT_INITIALIZED",
            *NAMES,
        )
        self.assertEqual(session.version, get_session(self.sessions, session_id).version)

    def _assert_not_created(self, options, reason, *words):
        self._assert_refused_creation(create_request(f"{self.session_id}-2", options, NAMES, weights()), reason, *words)

    def _assert_refused_creation(self, request, reason, *words):
        assert_refused(self, lambda: self.sessions.CreateSession(request), grpc.StatusCode.INVALID_ARGUMENT, reason, *words)
        assert_refused(
            self, lambda: get_session(self.sessions, request.session_id), grpc.StatusCode.NOT_FOUND, "SESSION_NOT_FOUND"
        )


if __name__ == "__main__":
    unittest.main()
