"""Memory that a trainer shares with the service on the same host. Needs Python 3.9 and Linux, and nothing else."""

import mmap
import os
import socket
import struct
from typing import List, Tuple

HEADER_MAGIC = b"ADAMSHM1"
COUNTER_OFFSET = 8
VERSION_OFFSET = 16

# memoryview formats by the contract's DType: FLOAT32 and FLOAT16.
FORMATS = {1: "f", 2: "e"}


class HandoverRefused(Exception):
    """The service did not hand out descriptors; the message says why."""


class SharedMemory:
    """Gradients to be written and weights to be read, each as one memoryview a tensor. To be closed."""

    def __init__(self, opened, session_uid: bytes, socket_path: str = None):
        """Maps what OpenSharedMemory has returned.

        `socket_path` is where this process sees the service's socket; left out, it is where the service says. Where there is none,
        the descriptors are opened through /proc, which the same user may.
        """
        path = opened.socket_path if socket_path is None else socket_path
        if path:
            descriptors = fetch_descriptors(path, opened.token + session_uid)
        else:
            descriptors = (
                os.open(opened.gradients.descriptor_path, os.O_RDWR | os.O_CLOEXEC),
                os.open(opened.weights.descriptor_path, os.O_RDONLY | os.O_CLOEXEC),
            )
        try:
            self._gradients = mmap.mmap(descriptors[0], opened.gradients.bytes, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
            self._weights = mmap.mmap(descriptors[1], opened.weights.bytes, mmap.MAP_SHARED, mmap.PROT_READ)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        if self._weights[: len(HEADER_MAGIC)] != HEADER_MAGIC:
            raise HandoverRefused("the weights do not begin with the header that the contract describes")
        self._views = []
        self.gradients = self._tensors(self._gradients, opened.gradients)
        self.weights = self._tensors(self._weights, opened.weights)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    @property
    def version(self) -> int:
        """The session's version now."""
        return struct.unpack_from("<Q", self._weights, VERSION_OFFSET)[0]

    def read_weights(self) -> Tuple[int, List[bytes]]:
        """A copy of all weights of one version, whatever other workers do meanwhile, and that version."""
        while True:
            before = self._counter
            version, copy = self.version, [bytes(tensor) for tensor in self.weights]
            if before % 2 == 0 and before == self._counter:
                return version, copy

    def close(self) -> None:
        """Unmaps the memory. Views that were taken from it must be gone."""
        for view in self._views:
            view.release()
        self._gradients.close()
        self._weights.close()

    @property
    def _counter(self) -> int:
        return struct.unpack_from("<Q", self._weights, COUNTER_OFFSET)[0]

    def _tensors(self, mapping, region) -> List[memoryview]:
        whole = memoryview(mapping)
        bytes_of = [whole[tensor.offset : tensor.offset + tensor.bytes] for tensor in region.tensors]
        views = [view.cast(FORMATS[tensor.dtype]) for view, tensor in zip(bytes_of, region.tensors)]
        self._views += views + bytes_of + [whole]
        return views


def fetch_descriptors(path: str, request: bytes) -> Tuple[int, int]:
    """Exchanges a token and the session's uid, 32 bytes together, for the descriptors of gradients and weights."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(request)
        answer, descriptors, _, _ = socket.recv_fds(connection, 1024, 2)
    if answer[:1] == b"\0" and len(descriptors) == 2:
        return tuple(descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    raise HandoverRefused(answer[1:].decode() or "the service closed the connection")
