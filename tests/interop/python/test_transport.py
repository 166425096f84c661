"""What stock clients may do below the contract: compress, send bytes that are no message, send too many or too few of them."""

import unittest

import grpc

from service_test_case import CALL_SECONDS_MAX
from small_session import SmallSessionTestCase
from stubs import sessions_pb2, types_pb2


class TransportTests(SmallSessionTestCase):
    def test_compressed_requests(self):
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            with self.subTest(compression=compression):
                # The library compresses only what becomes smaller by it, as a long run of zeros does.
                request = sessions_pb2.CreateSessionRequest(session_id="compressed")
                request.initial_values.add(data=bytes(10_000))
                self._assert_fails(
                    lambda r=request, c=compression: self.sessions.CreateSession(r, timeout=CALL_SECONDS_MAX, compression=c),
                    grpc.StatusCode.UNIMPLEMENTED,
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
