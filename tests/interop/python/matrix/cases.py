"""The standard interop cases on stock grpcio. A case returns, or raises AssertionError."""

import os
import queue

import grpc

from stock_schema import empty_pb2, messages_pb2, test_pb2_grpc
from wire_tap import WireTap

CASE_SECONDS_MAX = 10
REQUEST_BYTES = 271_828
RESPONSE_BYTES = 314_159
STREAM_REQUEST_BYTES = (27_182, 8, 1_828, 45_904)
STREAM_RESPONSE_BYTES = (31_415, 9, 2_653, 58_979)
FIRST_COMPRESSED_BYTES = 31_415
SECOND_COMPRESSED_BYTES = 92_653
INITIAL = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
TRAILING = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")
PLAIN_MESSAGE = "test status message"
SPECIAL_MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
UNKNOWN = grpc.StatusCode.UNKNOWN.value[0]


class Peer:
    """The server of the tests, as cases see it."""

    def __init__(self, port: int):
        self.tap = WireTap(port)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self.tap.port}", options=(("grpc.enable_http_proxy", 0),))
        self.test = test_pb2_grpc.TestServiceStub(self._channel)
        self.unimplemented = test_pb2_grpc.UnimplementedServiceStub(self._channel)

    def close(self):
        self._channel.close()


class Requests:
    """A request stream that is written as the case goes on."""

    def __init__(self):
        self._queue = queue.Queue()

    def send(self, request):
        self._queue.put(request)

    def end(self):
        self._queue.put(None)

    def __iter__(self):
        return iter(self._queue.get, None)


def _equal(expected, actual, what):
    assert expected == actual, f"{what}: expected {expected!r:.100}, got {actual!r:.100}"


def _zeros(size):
    return messages_pb2.Payload(body=bytes(size))


def _large_request(**fields):
    return messages_pb2.SimpleRequest(response_size=RESPONSE_BYTES, payload=_zeros(REQUEST_BYTES), **fields)


def _check_large(response):
    _equal(_zeros(RESPONSE_BYTES), response.payload, "payload")


def _stream_request(response_bytes, request_bytes):
    return messages_pb2.StreamingOutputCallRequest(
        response_parameters=[messages_pb2.ResponseParameters(size=response_bytes)], payload=_zeros(request_bytes)
    )


def _check_next(call, size):
    _equal(_zeros(size), next(call).payload, "payload")


def _check_end(call):
    assert next(call, None) is None, "there is another response"


def _fails(code, call):
    """Makes a call that must fail, and gives its message."""
    try:
        call()
    except grpc.RpcError as error:
        _equal(code, error.code(), f"status ({error.details()})")
        return error.details()
    except grpc.FutureCancelledError:
        _equal(code, grpc.StatusCode.CANCELLED, "status")
        return ""
    raise AssertionError(f"status: expected {code}, got OK")


def _bool(value):
    return messages_pb2.BoolValue(value=value)


def empty_unary(peer):
    _equal(empty_pb2.Empty(), peer.test.EmptyCall(empty_pb2.Empty(), timeout=CASE_SECONDS_MAX), "response")


def large_unary(peer):
    _check_large(peer.test.UnaryCall(_large_request(), timeout=CASE_SECONDS_MAX))


def client_streaming(peer):
    requests = [messages_pb2.StreamingInputCallRequest(payload=_zeros(size)) for size in STREAM_REQUEST_BYTES]
    response = peer.test.StreamingInputCall(iter(requests), timeout=CASE_SECONDS_MAX)
    _equal(sum(STREAM_REQUEST_BYTES), response.aggregated_payload_size, "aggregated size")


def server_streaming(peer):
    parameters = [messages_pb2.ResponseParameters(size=size) for size in STREAM_RESPONSE_BYTES]
    request = messages_pb2.StreamingOutputCallRequest(response_parameters=parameters)
    call = peer.test.StreamingOutputCall(request, timeout=CASE_SECONDS_MAX)
    for size in STREAM_RESPONSE_BYTES:
        _check_next(call, size)
    _check_end(call)


def ping_pong(peer):
    requests = Requests()
    call = peer.test.FullDuplexCall(iter(requests), timeout=CASE_SECONDS_MAX)
    for request_bytes, response_bytes in zip(STREAM_REQUEST_BYTES, STREAM_RESPONSE_BYTES):
        requests.send(_stream_request(response_bytes, request_bytes))
        _check_next(call, response_bytes)
    requests.end()
    _check_end(call)


def empty_stream(peer):
    _check_end(peer.test.FullDuplexCall(iter(()), timeout=CASE_SECONDS_MAX))


def client_compressed_unary(peer):
    def call(expected, compression):
        request = _large_request(expect_compressed=_bool(expected))
        _check_large(peer.test.UnaryCall(request, timeout=CASE_SECONDS_MAX, compression=compression))

    _fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: call(True, None))
    call(True, grpc.Compression.Gzip)
    _equal([1], peer.tap.request_flags(), "flags of requests")
    call(False, None)
    _equal([0], peer.tap.request_flags(), "flags of requests")


def server_compressed_unary(peer):
    for is_compressed in (True, False):
        request = _large_request(response_compressed=_bool(is_compressed))
        _check_large(peer.test.UnaryCall(request, timeout=CASE_SECONDS_MAX))
        _equal([int(is_compressed)], peer.tap.response_flags(), "flags of responses")


def client_compressed_streaming(peer):
    def call(requests, compression):
        response = peer.test.StreamingInputCall(iter(requests), timeout=CASE_SECONDS_MAX, compression=compression)
        _equal(sum(len(r.payload.body) for r in requests), response.aggregated_payload_size, "aggregated size")

    def request(expected, body):
        return messages_pb2.StreamingInputCallRequest(expect_compressed=_bool(expected), payload=messages_pb2.Payload(body=body))

    _fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: call([request(True, bytes(27_182))], None))
    # A client of grpcio cannot spare single messages, but it sends those as they are that compression would not make shorter.
    call([request(True, bytes(27_182)), request(False, os.urandom(45_904))], grpc.Compression.Gzip)
    _equal([1, 0], peer.tap.request_flags(), "flags of requests")


def server_compressed_streaming(peer):
    parameters = [
        messages_pb2.ResponseParameters(size=FIRST_COMPRESSED_BYTES, compressed=_bool(True)),
        messages_pb2.ResponseParameters(size=SECOND_COMPRESSED_BYTES, compressed=_bool(False)),
    ]
    request = messages_pb2.StreamingOutputCallRequest(response_parameters=parameters)
    call = peer.test.StreamingOutputCall(request, timeout=CASE_SECONDS_MAX)
    _check_next(call, FIRST_COMPRESSED_BYTES)
    _check_next(call, SECOND_COMPRESSED_BYTES)
    _check_end(call)
    _equal([1, 0], peer.tap.response_flags(), "flags of responses")


def status_code_and_message(peer):
    _check_unary_status(peer, PLAIN_MESSAGE)
    status = messages_pb2.EchoStatus(code=UNKNOWN, message=PLAIN_MESSAGE)
    request = messages_pb2.StreamingOutputCallRequest(response_status=status)
    message = _fails(
        grpc.StatusCode.UNKNOWN, lambda: _check_end(peer.test.FullDuplexCall(iter((request,)), timeout=CASE_SECONDS_MAX))
    )
    _equal(PLAIN_MESSAGE, message, "message")


def special_status_message(peer):
    _check_unary_status(peer, SPECIAL_MESSAGE)


def _check_unary_status(peer, text):
    request = messages_pb2.SimpleRequest(response_status=messages_pb2.EchoStatus(code=UNKNOWN, message=text))
    message = _fails(grpc.StatusCode.UNKNOWN, lambda: peer.test.UnaryCall(request, timeout=CASE_SECONDS_MAX))
    _equal(text, message, "message")


def custom_metadata(peer):
    response, call = peer.test.UnaryCall.with_call(_large_request(), timeout=CASE_SECONDS_MAX, metadata=(INITIAL, TRAILING))
    _check_large(response)
    _check_echo(call)
    request = _stream_request(STREAM_RESPONSE_BYTES[0], STREAM_REQUEST_BYTES[0])
    call = peer.test.FullDuplexCall(iter((request,)), timeout=CASE_SECONDS_MAX, metadata=(INITIAL, TRAILING))
    _check_next(call, STREAM_RESPONSE_BYTES[0])
    _check_end(call)
    _check_echo(call)


def _check_echo(call):
    assert INITIAL in [tuple(entry) for entry in call.initial_metadata()], f"header: {call.initial_metadata()}"
    assert TRAILING in [tuple(entry) for entry in call.trailing_metadata()], f"trailer: {call.trailing_metadata()}"


def unimplemented_method(peer):
    _fails(grpc.StatusCode.UNIMPLEMENTED, lambda: peer.test.UnimplementedCall(empty_pb2.Empty(), timeout=CASE_SECONDS_MAX))


def unimplemented_service(peer):
    _fails(grpc.StatusCode.UNIMPLEMENTED, lambda: peer.unimplemented.UnimplementedCall(empty_pb2.Empty(), timeout=CASE_SECONDS_MAX))


def cancel_after_begin(peer):
    requests = Requests()
    call = peer.test.StreamingInputCall.future(iter(requests), timeout=CASE_SECONDS_MAX)
    call.cancel()
    _fails(grpc.StatusCode.CANCELLED, call.result)
    _equal(grpc.StatusCode.CANCELLED, call.code(), "status")
    requests.end()


def cancel_after_first_response(peer):
    requests = Requests()
    call = peer.test.FullDuplexCall(iter(requests), timeout=CASE_SECONDS_MAX)
    requests.send(_stream_request(STREAM_RESPONSE_BYTES[0], STREAM_REQUEST_BYTES[0]))
    _check_next(call, STREAM_RESPONSE_BYTES[0])
    call.cancel()
    _fails(grpc.StatusCode.CANCELLED, lambda: next(call))
    requests.end()


def timeout_on_sleeping_server(peer):
    requests = Requests()
    requests.send(messages_pb2.StreamingOutputCallRequest(payload=_zeros(STREAM_REQUEST_BYTES[0])))
    call = peer.test.FullDuplexCall(iter(requests), timeout=0.001)
    _fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(call))
    requests.end()


ALL = {
    case.__name__: case
    for case in (
        empty_unary,
        large_unary,
        client_streaming,
        server_streaming,
        ping_pong,
        empty_stream,
        client_compressed_unary,
        server_compressed_unary,
        client_compressed_streaming,
        server_compressed_streaming,
        status_code_and_message,
        special_status_message,
        custom_metadata,
        unimplemented_method,
        unimplemented_service,
        cancel_after_begin,
        cancel_after_first_response,
        timeout_on_sleeping_server,
    )
}
