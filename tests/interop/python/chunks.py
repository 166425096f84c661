"""Tensors cut into the chunks of a stream, and put together again from them."""

from typing import Iterable, List, Sequence, Tuple

import numpy as np

from stubs import types_pb2

# The contract's raw bytes are little-endian on every machine.
WIRE_FLOAT32 = np.dtype("<f4")
CHUNK_BYTES_MAX = 1 << 20


def to_bytes(values: np.ndarray) -> bytes:
    """The elements in row-major order, as the wire carries them."""
    return np.ascontiguousarray(values, WIRE_FLOAT32).tobytes()


def from_bytes(data: bytes, shape: Sequence[int]) -> np.ndarray:
    """The tensor whose elements the wire carried."""
    return np.frombuffer(data, WIRE_FLOAT32).astype(np.float32).reshape(shape)


def cut(tensor_index: int, values: np.ndarray, elements_per_chunk: int, slot: int = types_pb2.SLOT_UNSPECIFIED) -> List:
    """Chunks of at most so many elements, in order of their offsets."""
    flat = values.reshape(-1)
    return [
        types_pb2.TensorChunk(
            tensor_index=tensor_index,
            slot=slot,
            offset=offset,
            dtype=types_pb2.DTYPE_FLOAT32,
            data=to_bytes(flat[offset : offset + elements_per_chunk]),
        )
        for offset in range(0, flat.size, elements_per_chunk)
    ]


def assemble(chunks: Iterable, slot: int, shapes: Sequence[Tuple[int, ...]]) -> List[np.ndarray]:
    """The tensors of one slot. Every element must have come exactly once."""
    tensors = [np.zeros(shape, np.float32) for shape in shapes]
    arrivals = [np.zeros(tensor.size, np.int64) for tensor in tensors]
    for chunk in chunks:
        if (chunk.slot or types_pb2.SLOT_WEIGHTS) != slot:
            continue
        if chunk.dtype not in (types_pb2.DTYPE_UNSPECIFIED, types_pb2.DTYPE_FLOAT32):
            raise AssertionError(f"a chunk of tensor {chunk.tensor_index} has dtype {chunk.dtype}")
        part = np.frombuffer(chunk.data, WIRE_FLOAT32)
        run = slice(chunk.offset, chunk.offset + part.size)
        tensors[chunk.tensor_index].reshape(-1)[run] = part
        arrivals[chunk.tensor_index][run] += 1
    for index, arrival in enumerate(arrivals):
        if not np.all(arrival == 1):
            raise AssertionError(f"tensor {index} of slot {slot}: not every element came exactly once")
    return tensors
