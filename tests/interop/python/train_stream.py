"""The client half of a Train stream, on the stock library's blocking API."""

import dataclasses
import queue
import random
from typing import List, Mapping, Optional, Sequence, Tuple

import grpc
import numpy as np

from chunks import assemble, cut
from service_test_case import CALL_SECONDS_MAX
from stubs import training_pb2, types_pb2


@dataclasses.dataclass(frozen=True)
class BatchAnswer:
    """What came back for one batch."""

    result: training_pb2.BatchResult
    reply: Sequence[types_pb2.TensorChunk]
    reply_end: Optional[training_pb2.ReplyEnd]

    def tensors(self, shapes: Sequence[Tuple[int, ...]], slot: int = types_pb2.SLOT_WEIGHTS) -> List[np.ndarray]:
        """The reply as whole tensors."""
        return assemble(self.reply, slot, shapes)


class TrainStream:
    """An open stream. Leaving the `with` block cancels it unless it was finished."""

    def __init__(self, training, open_message: training_pb2.TrainOpen, timeout_seconds: float = CALL_SECONDS_MAX):
        self._requests = queue.SimpleQueue()
        self.call = training.Train(iter(self._requests.get, None), timeout=timeout_seconds)
        self.send(open=open_message)
        self.opened = self.receive("opened")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.cancel()

    def send(self, **message) -> None:
        """Queues one request; the library's own thread takes it from there."""
        self._requests.put(training_pb2.TrainRequest(**message))

    def receive(self, kind: str):
        """The next message, which must be of this kind."""
        try:
            message = next(self.call)
        except (grpc.RpcError, StopIteration):
            # The library's sending thread waits for this queue, even after the call has ended.
            self._requests.put(None)
            raise
        received = message.WhichOneof("message")
        if received != kind:
            raise AssertionError(f"expected `{kind}` from the stream, received `{received}`: {message}")
        return getattr(message, kind)

    def send_batch(
        self,
        sequence: int,
        gradients: Mapping[int, np.ndarray],
        elements_per_chunk: int,
        shuffle_seed: Optional[int] = None,
        reply_kind: int = training_pb2.REPLY_KIND_UNSPECIFIED,
        reply_chunk_bytes: int = 0,
        client_cursor: bytes = b"",
    ) -> None:
        """Sends a whole batch; the gradients are listed in the mapping's order, the chunks come shuffled if there is a seed."""
        begin = training_pb2.BatchBegin(sequence=sequence, listed_tensors=types_pb2.TensorIndexes(indexes=gradients))
        if reply_kind or reply_chunk_bytes:
            begin.reply.kind = reply_kind
            begin.reply.chunk_bytes = reply_chunk_bytes
        self.send(begin=begin)
        chunks = [chunk for index, values in gradients.items() for chunk in cut(index, values, elements_per_chunk)]
        if shuffle_seed is not None:
            random.Random(shuffle_seed).shuffle(chunks)
        for chunk in chunks:
            self.send(chunk=chunk)
        self.send(commit=training_pb2.BatchCommit(client_cursor=client_cursor))

    def receive_answer(self) -> BatchAnswer:
        """The result of the oldest unanswered batch, and the reply that it announces."""
        result = self.receive("result")
        if result.reply_kind == training_pb2.REPLY_KIND_UNSPECIFIED:
            raise AssertionError(f"a result does not say what follows it: {result}")
        if result.reply_kind == training_pb2.REPLY_KIND_NONE:
            return BatchAnswer(result, (), None)
        return self._receive_reply(result)

    def finish(self) -> grpc.StatusCode:
        """Closes the sending side, reads to the end of the stream and returns its status."""
        self._requests.put(None)
        for message in self.call:
            raise AssertionError(f"expected the end of the stream, received {message}")
        return self.call.code()

    def cancel(self) -> None:
        """Gives the call up at once."""
        self.call.cancel()
        self._requests.put(None)

    def _receive_reply(self, result):
        chunks = []
        while True:
            message = next(self.call)
            kind = message.WhichOneof("message")
            if kind == "reply_end":
                return BatchAnswer(result, chunks, message.reply_end)
            if kind != "chunk":
                raise AssertionError(f"expected a chunk or the end of the reply, received {message}")
            chunks.append(message.chunk)
