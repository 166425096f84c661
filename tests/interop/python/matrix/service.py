"""The interop test service on stock grpcio."""

import time

import grpc

from stock_schema import empty_pb2, messages_pb2, test_pb2_grpc
from wire_tap import WireTap

INITIAL_KEY = "x-grpc-test-echo-initial"
TRAILING_KEY = "x-grpc-test-echo-trailing-bin"
CODES = {code.value[0]: code for code in grpc.StatusCode}


class TestService(test_pb2_grpc.TestServiceServicer):
    """What is left out is answered by the generated base, with UNIMPLEMENTED."""

    def __init__(self):
        self.tap: WireTap | None = None

    def EmptyCall(self, request, context):
        _echo_metadata(context)
        return empty_pb2.Empty()

    def UnaryCall(self, request, context):
        self._check_compression(request, 0, context)
        _compress(context, request.response_compressed.value)
        _echo_metadata(context)
        _end_if_asked(request, context)
        return messages_pb2.SimpleResponse(payload=_payload(request.response_size))

    def StreamingInputCall(self, request_iterator, context):
        size = 0
        for index, request in enumerate(request_iterator):
            self._check_compression(request, index, context)
            size += len(request.payload.body)
        return messages_pb2.StreamingInputCallResponse(aggregated_payload_size=size)

    def StreamingOutputCall(self, request, context):
        _compress(context, any(parameters.compressed.value for parameters in request.response_parameters))
        _echo_metadata(context)
        yield from _answer(request, context)

    def FullDuplexCall(self, request_iterator, context):
        _echo_metadata(context)
        for request in request_iterator:
            yield from _answer(request, context)

    def HalfDuplexCall(self, request_iterator, context):
        for request in list(request_iterator):
            yield from _answer(request, context)

    def _check_compression(self, request, index, context):
        if request.HasField("expect_compressed"):
            is_compressed = self.tap.request_flags()[index] == 1
            if is_compressed != request.expect_compressed.value:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"request {index}: compressed is {is_compressed}, and it says otherwise")


def _payload(size):
    return messages_pb2.Payload(body=bytes(size))


def _compress(context, is_asked):
    if is_asked:
        context.set_compression(grpc.Compression.Gzip)


def _echo_metadata(context):
    sent = dict(context.invocation_metadata())
    if TRAILING_KEY in sent:
        context.set_trailing_metadata(((TRAILING_KEY, sent[TRAILING_KEY]),))
    if INITIAL_KEY in sent:
        context.send_initial_metadata(((INITIAL_KEY, sent[INITIAL_KEY]),))


def _end_if_asked(request, context):
    if request.response_status.code:
        context.abort(CODES[request.response_status.code], request.response_status.message)


def _answer(request, context):
    _end_if_asked(request, context)
    for parameters in request.response_parameters:
        if parameters.interval_us:
            time.sleep(parameters.interval_us / 1e6)
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        yield messages_pb2.StreamingOutputCallResponse(payload=_payload(parameters.size))
