"""A server of the matrix as a process of its own, on a loopback port that the system picks."""

import os
import select
import subprocess
import time

START_SECONDS_MAX = 15
STOP_SECONDS_MAX = 5


class ServerProcess:
    """Starts a server, knows its port, and stops it. Whatever happens, the process is gone afterwards."""

    def __init__(self, command: list):
        self._process = subprocess.Popen([*command, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.port = self._read_port()
        except BaseException:
            self._kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Closes the server's stdin, upon which it stops. One that does not, or that fails on its way, is an error."""
        try:
            self._process.stdin.close()
            exit_code = self._process.wait(STOP_SECONDS_MAX)
        finally:
            self._kill()
        if exit_code != 0:
            raise RuntimeError(f"the server ended with exit code {exit_code}")

    def _read_port(self) -> int:
        deadline = time.monotonic() + START_SECONDS_MAX
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))
            read = os.read(self._process.stdout.fileno(), 1024) if readable else b""
            if not read:
                raise RuntimeError(f"the server did not say its port within {START_SECONDS_MAX} s, or ended before")
            line += read
        word, port = line.split()
        if word != b"port":
            raise RuntimeError(f"the server said {line!r}")
        return int(port)

    def _kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
