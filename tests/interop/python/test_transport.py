"""What stock clients may do below the contract: compress, send bytes that are no message, send too many or too few of them."""

import unittest

import grpc
import numpy as np

from service_test_case import CALL_SECONDS_MAX
from session_calls import step_request
from small_session import SHAPES, SmallSessionTestCase
from stubs import sessions_pb2, training_pb2, types_pb2

# The service's Limits:MessageBytesMax, as it is by default.
MESSAGE_BYTES_MAX = 4 << 20


class TransportTests(SmallSessionTestCase):
    def test_compressed_requests(self):
        for sequence, compression in enumerate((grpc.Compression.Gzip, grpc.Compression.Deflate), 1):
            with self.subTest(compression=compression):
                # The library compresses only what becomes smaller by it, as a long run of zeros does.
                zeros = [np.zeros(shape, np.float32) for shape in SHAPES]
                request = step_request(self.session_id, sequence, zeros)
                response = self.training.Step(request, timeout=CALL_SECONDS_MAX, compression=compression)
                self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, response.result.outcome)
                self.replica.apply(zeros)
                self.assert_session_is_the_replica()

    def test_compressed_request_that_is_too_long_when_decompressed(self):
        request = sessions_pb2.CreateSessionRequest(session_id="compressed")
        request.initial_values.add(data=bytes(2 * MESSAGE_BYTES_MAX))
        self._assert_fails(
            lambda: self.sessions.CreateSession(request, timeout=CALL_SECONDS_MAX, compression=grpc.Compression.Gzip),
            grpc.StatusCode.RESOURCE_EXHAUSTED,
        )
        self.assert_session_is_the_replica()

    def test_bytes_that_are_no_message(self):
        call = self.channel.unary_unary("/adam.v1.Training/Step")
        self._assert_fails(lambda: call(b"\xff\xff\xff\xff", timeout=CALL_SECONDS_MAX), grpc.StatusCode.INTERNAL)
        self.assert_session_is_the_replica()
        self.assert_step_is_taken(1)

    def test_unary_method_with_too_many_or_too_few_messages(self):
        call = self.channel.stream_unary("/adam.v1.Sessions/GetSession")
        request = sessions_pb2.GetSessionRequest(session=types_pb2.SessionRef(session_id=self.session_id)).SerializeToString()
        for messages in ([request, request], []):
            with self.subTest(messages=len(messages)):
                self._assert_fails(lambda m=messages: call(iter(m), timeout=CALL_SECONDS_MAX), grpc.StatusCode.UNIMPLEMENTED)

    def _assert_fails(self, call, code):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(code, caught.exception.code(), caught.exception.details())


if __name__ == "__main__":
    unittest.main()
