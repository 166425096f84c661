"""A relay between a client and a server on the loopback that notes which messages are compressed.

grpcio tells neither its clients nor its handlers whether a message came compressed. The relay looks at the DATA frames of HTTP/2 that pass:
in gRPC, their payload is a sequence of messages with five bytes before each, of which the first is the flag. A byte is noted before it is
passed on, so whoever has a message finds its flag here.
"""

import socket
import threading

PREFACE_BYTES = 24
FRAME_HEADER_BYTES = 9
MESSAGE_PREFIX_BYTES = 5
DATA = 0
PADDED = 8
CHUNK_BYTES = 65536


class _Messages:
    """Finds the prefixes in one direction of a stream."""

    def __init__(self):
        self.flags = []
        self._prefix = b""
        self._left = 0

    def feed(self, data: bytes) -> None:
        while data:
            if self._left:
                skipped = min(self._left, len(data))
                self._left -= skipped
                data = data[skipped:]
                continue
            taken = MESSAGE_PREFIX_BYTES - len(self._prefix)
            self._prefix += data[:taken]
            data = data[taken:]
            if len(self._prefix) == MESSAGE_PREFIX_BYTES:
                self.flags.append(self._prefix[0])
                self._left = int.from_bytes(self._prefix[1:], "big")
                self._prefix = b""


class _Frames:
    """Cuts one direction of a connection into frames."""

    def __init__(self, skipped: int, on_data):
        self._skipped = skipped
        self._on_data = on_data
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        self._buffer += data
        if self._skipped:
            skipped = min(self._skipped, len(self._buffer))
            self._skipped -= skipped
            self._buffer = self._buffer[skipped:]
        while len(self._buffer) >= FRAME_HEADER_BYTES:
            end = FRAME_HEADER_BYTES + int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < end:
                return
            kind, flags = self._buffer[3], self._buffer[4]
            payload = self._buffer[FRAME_HEADER_BYTES:end]
            if kind == DATA:
                if flags & PADDED:
                    payload = payload[1 : len(payload) - payload[0]]
                self._on_data(int.from_bytes(self._buffer[5:9], "big"), payload)
            self._buffer = self._buffer[end:]


class WireTap:
    """Relays connections to a port. Good for one call at a time: the youngest stream is the call that is looked at."""

    def __init__(self, target_port: int):
        self._target_port = target_port
        self._lock = threading.Lock()
        # The messages of each stream, the youngest stream last.
        self._streams = {"requests": {}, "responses": {}}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def request_flags(self) -> list:
        """The flags of the requests of the youngest call with any."""
        return self._flags("requests")

    def response_flags(self) -> list:
        """The flags of the responses of the youngest call with any."""
        return self._flags("responses")

    def _flags(self, direction: str) -> list:
        with self._lock:
            return list(list(self._streams[direction].values())[-1].flags)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._target_port))
            for source, target, direction, skipped in (
                (client, server, "requests", PREFACE_BYTES),
                (server, client, "responses", 0),
            ):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._relay, args=(source, target, direction, skipped), daemon=True).start()

    def _relay(self, source, target, direction: str, skipped: int) -> None:
        frames = _Frames(skipped, lambda stream, data: self._note(direction, (source, stream), data))
        try:
            while data := source.recv(CHUNK_BYTES):
                frames.feed(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            # One side has gone: so does the other.
            source.close()
            target.close()

    def _note(self, direction: str, stream, data: bytes) -> None:
        with self._lock:
            self._streams[direction].setdefault(stream, _Messages()).feed(data)
