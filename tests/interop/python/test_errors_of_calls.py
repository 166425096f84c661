"""Calls that end before their batch does, that are too large, or that ask for what is not there: nothing changes."""

import unittest

import grpc
import numpy as np

from chunks import CHUNK_BYTES_MAX, WIRE_FLOAT32, cut
from polling import wait_until
from rpc_errors import assert_refusal, assert_refused, refusal_of_status
from service_process import ServiceProcess
from service_test_case import CALL_SECONDS_MAX, open_channel
from session_calls import create_session, get_session, open_message, step_request
from small_session import NAMES, OPTIONS, SmallSessionTestCase, gradients, weights
from stubs import sessions_pb2, sessions_pb2_grpc, training_pb2, training_pb2_grpc, types_pb2
from train_stream import TrainStream

# The receive limit of the service, which is also the default of every stock library.
MESSAGE_BYTES_MAX = 4 << 20
# Long enough for a stream to open on a busy machine, and all that the test takes.
SHORT_DEADLINE_SECONDS = 3


class CallsThatEndEarlyTests(SmallSessionTestCase):
    def test_client_that_cancels_in_the_middle_of_a_batch(self):
        stream = self.open_stream()
        self._send_half_a_batch(stream)
        stream.cancel()
        self._assert_the_worker_can_go_on()

    def test_client_that_closes_its_channel_in_the_middle_of_a_batch(self):
        channel = open_channel(self.service)
        stream = TrainStream(training_pb2_grpc.TrainingStub(channel), open_message(self.session_id))
        self._send_half_a_batch(stream)
        channel.close()
        stream.cancel()
        self._assert_the_worker_can_go_on()

    def test_client_that_ends_its_stream_in_the_middle_of_a_batch(self):
        with self.open_stream() as stream:
            self._send_half_a_batch(stream)
            self.assertEqual(grpc.StatusCode.OK, stream.finish())
        self._assert_the_worker_can_go_on()

    def test_deadline_that_passes_in_the_middle_of_a_batch(self):
        stream = TrainStream(self.training, open_message(self.session_id), timeout_seconds=SHORT_DEADLINE_SECONDS)
        self._send_half_a_batch(stream)
        with self.assertRaises(grpc.RpcError) as caught:
            stream.receive("result")
        self.assertEqual(grpc.StatusCode.DEADLINE_EXCEEDED, caught.exception.code())
        self._assert_the_worker_can_go_on()

    def test_second_stream_of_a_living_worker_needs_takeover(self):
        with self.open_stream() as older:
            assert_refused(self, self.open_stream, grpc.StatusCode.FAILED_PRECONDITION, "WORKER_BUSY", "takeover")
            with self.open_stream(takeover=True) as newer:
                self.assertGreater(newer.opened.worker_epoch, older.opened.worker_epoch)
                fenced = assert_refused(self, lambda: older.receive("result"), grpc.StatusCode.ABORTED, "WORKER_FENCED")
                self.assertEqual(str(newer.opened.worker_epoch), fenced.metadata["worker_epoch"])
                self.assert_stream_takes(newer, 1)
        self.assert_session_is_the_replica()

    def _send_half_a_batch(self, stream):
        # A first whole batch proves that the service reads this stream before it ends in the middle of the second.
        self.assert_stream_takes(stream, 1)
        stream.send(begin=training_pb2.BatchBegin(sequence=2, all_tensors=types_pb2.AllTensors()))
        for chunk in cut(0, gradients(3)[0], elements_per_chunk=5)[:2]:
            stream.send(chunk=chunk)

    def _assert_the_worker_can_go_on(self):
        wait_until(lambda: not self._worker().connected, "the service notices that the stream is gone")
        self.assert_session_is_the_replica()
        self.assertEqual(2, self._worker().next_sequence)
        with self.open_stream() as stream:
            self.assertEqual(2, stream.opened.next_sequence)
            self.assert_stream_takes(stream, 2, seed=4)
        self.assert_session_is_the_replica()

    def _worker(self):
        (worker,) = get_session(self.sessions, self.session_id).workers
        return worker


class StoppingTests(unittest.TestCase):
    def test_open_stream_is_told_and_does_not_hold_the_service_up(self):
        service = ServiceProcess(arguments=["--set", "Server:DrainSeconds=0.5"])
        self.addCleanup(service.kill)
        with open_channel(service) as channel:
            training = training_pb2_grpc.TrainingStub(channel)
            create_session(sessions_pb2_grpc.SessionsStub(channel), "stopping", OPTIONS, NAMES, weights())
            with TrainStream(training, open_message("stopping")) as stream:
                stream.send_batch(1, dict(enumerate(gradients())), elements_per_chunk=5)
                self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, stream.receive_answer().result.outcome)
                stream.send(begin=training_pb2.BatchBegin(sequence=2, all_tensors=types_pb2.AllTensors()))

                service.ask_to_stop()

                assert_refused(self, lambda: stream.receive("result"), grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN", "stopping")
        service.stop()


class LimitsTests(SmallSessionTestCase):
    def test_unary_message_over_the_limit(self):
        request = step_request(self.session_id, 1, gradients())
        request.gradients[0].data = bytes(MESSAGE_BYTES_MAX)
        self._assert_message_too_large(lambda: self.training.Step(request, timeout=CALL_SECONDS_MAX))
        self.assert_session_is_the_replica()
        self.assert_step_is_taken(1)

    def test_stream_message_over_the_limit(self):
        with self.open_stream() as stream:
            stream.send(begin=training_pb2.BatchBegin(sequence=1, all_tensors=types_pb2.AllTensors()))
            stream.send(chunk=types_pb2.TensorChunk(data=bytes(MESSAGE_BYTES_MAX)))
            self._assert_message_too_large(lambda: stream.receive("result"))
        self.assert_session_is_the_replica()
        with self.open_stream(takeover=True) as stream:
            self.assert_stream_takes(stream, 1)

    def test_chunk_over_the_limit(self):
        # The tensor is large enough for the chunk, so that nothing but the limit can be in its way.
        elements_max = CHUNK_BYTES_MAX // WIRE_FLOAT32.itemsize
        large = np.ones(2 * elements_max, np.float32)
        session_id = f"{self.session_id}-large"
        create_session(self.sessions, session_id, OPTIONS, ("large",), [large])
        with TrainStream(self.training, open_message(session_id, reply_kind=training_pb2.REPLY_KIND_NONE)) as stream:
            self.assertEqual(CHUNK_BYTES_MAX, stream.opened.max_chunk_bytes)
            stream.send_batch(1, {0: large}, elements_per_chunk=elements_max + 1)
            result = stream.receive_answer().result
            self.assertEqual(training_pb2.BATCH_OUTCOME_REJECTED, result.outcome)
            refusal = refusal_of_status(self, result.error)
            assert_refusal(self, refusal, grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", str(CHUNK_BYTES_MAX))
            self.assertLessEqual({"limit", "value", "option"}, set(refusal.metadata))
            stream.send_batch(1, {0: large}, elements_per_chunk=elements_max)
            self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, stream.receive_answer().result.outcome)

    def _assert_message_too_large(self, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, caught.exception.code(), caught.exception.details())
        self.assertIn(str(MESSAGE_BYTES_MAX), caught.exception.details())


class OrderOfMessagesTests(SmallSessionTestCase):
    def test_stream_that_does_not_begin_with_open(self):
        requests = iter([training_pb2.TrainRequest(commit=training_pb2.BatchCommit())])
        call = self.training.Train(requests, timeout=CALL_SECONDS_MAX)
        assert_refused(self, lambda: next(call), grpc.StatusCode.INVALID_ARGUMENT, "PROTOCOL_VIOLATION", "open")

    def test_chunk_without_a_batch(self):
        self._assert_violation("begin", chunk=types_pb2.TensorChunk(data=bytes(4)))

    def test_commit_without_a_batch(self):
        self._assert_violation("begin", commit=training_pb2.BatchCommit())

    def test_second_open(self):
        self._assert_violation("open", open=open_message(self.session_id))

    def _assert_violation(self, word, **message):
        with self.open_stream() as stream:
            stream.send(**message)
            assert_refused(self, lambda: stream.receive("result"), grpc.StatusCode.INVALID_ARGUMENT, "PROTOCOL_VIOLATION", word)
        self.assert_session_is_the_replica()


class NotImplementedTests(SmallSessionTestCase):
    def test_methods_that_this_build_does_not_have(self):
        session = types_pb2.SessionRef(session_id=self.session_id)
        calls = {
            "AddTensors": lambda: self.sessions.AddTensors(sessions_pb2.AddTensorsRequest(session=session)),
        }
        for method, call in calls.items():
            with self.subTest(method=method):
                # The message is a sentence for people, not only the method's name.
                assert_refused(self, call, grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED", method, " not implemented")
        self.assert_session_is_the_replica()

    def test_method_that_no_version_has(self):
        for path in ("/adam.v1.Training/Untrain", "/adam.v2.Training/Train"):
            with self.subTest(path=path):
                call = self.channel.unary_unary(path)
                with self.assertRaises(grpc.RpcError) as caught:
                    call(b"", timeout=CALL_SECONDS_MAX)
                self.assertEqual(grpc.StatusCode.UNIMPLEMENTED, caught.exception.code())

    def test_feature_that_this_build_does_not_know(self):
        message = open_message(self.session_id)
        message.required_features.append("time-travel")
        assert_refused(
            self,
            lambda: TrainStream(self.training, message),
            grpc.StatusCode.UNIMPLEMENTED,
            "UNKNOWN_FEATURE",
            "time-travel",
        )

    def test_tier_that_needs_a_disk(self):
        request = sessions_pb2.CreateSessionRequest(
            session_id=f"{self.session_id}-2",
            tensors=[types_pb2.TensorSpec(name=NAMES[0], shape=[1])],
            durability=types_pb2.Durability(tier=types_pb2.DURABILITY_TIER_LOG),
        )
        assert_refused(
            self, lambda: self.sessions.CreateSession(request), grpc.StatusCode.FAILED_PRECONDITION, "STORAGE_OFF", "durability"
        )


if __name__ == "__main__":
    unittest.main()
