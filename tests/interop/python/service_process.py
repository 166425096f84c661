"""The service as a process of its own, on loopback ports that the system picks."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from repository import DEFAULT_SERVICE_DLL

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
POLL_SECONDS = 0.05


class ServiceProcess:
    """Starts the service, knows its addresses, and stops it. Whatever happens, the process is gone afterwards."""

    def __init__(self, grpc_url="http://127.0.0.1:0", arguments=()):
        dll = pathlib.Path(os.environ.get("ADAM_SERVICE_DLL") or DEFAULT_SERVICE_DLL)
        if not dll.is_file():
            raise RuntimeError(f"{dll} is not there: build src/AdamService, or name another one in ADAM_SERVICE_DLL")
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="adam-service-"))
        self._log_path = self._folder / "service.log"
        self._final_log = None
        address_file = self._folder / "addresses.json"
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                ["dotnet", str(dll), "serve", "--grpc-url", grpc_url, "--http-url", "http://127.0.0.1:0"]
                + ["--address-file", str(address_file), "--stop-with-stdin", *arguments],
                # Unless a test says where, nothing is kept.
                env={"ADAM_Durability__Directory": "", **os.environ},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            addresses = self._wait_for_addresses(address_file)
        except BaseException:
            self.kill()
            raise
        self.grpc_target = addresses["grpc"].removeprefix("http://").removeprefix("https://")
        self.http_url = addresses["http"]
        self.pid = addresses["pid"]

    @property
    def log(self) -> str:
        """Everything that the service has printed so far."""
        return self._log_path.read_text(errors="replace") if self._final_log is None else self._final_log

    def ask_to_stop(self) -> None:
        """Closes the service's stdin, upon which it stops gracefully."""
        self._process.stdin.close()

    def stop(self) -> str:
        """Asks the service to stop, waits until it has, and returns its whole log. One that fails on its way is an error."""
        if self._final_log is not None:
            return self._final_log
        self.ask_to_stop()
        try:
            exit_code = self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the service did not stop in {STOP_SECONDS_MAX} s after its stdin was closed\n{self.log}") from None
        finally:
            self.kill()
        if exit_code != 0:
            raise RuntimeError(f"the service stopped with exit code {exit_code}\n{self.log}")
        return self.log

    def kill(self) -> None:
        """Ends the process by force if it still runs, and removes its files."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if not self._process.stdin.closed:
            self._process.stdin.close()
        if self._final_log is None:
            self._final_log = self.log
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_for_addresses(self, address_file: pathlib.Path) -> dict:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not address_file.exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the service did not listen within {START_SECONDS_MAX} s\n{self.log}")
            # Waiting for the exit paces the polling and notices a service that dies instead of listening.
            try:
                exit_code = self._process.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"the service ended with exit code {exit_code} before it listened\n{self.log}")
        return json.loads(address_file.read_text())
