"""Runs the standard gRPC interop cases between this repository's runtime and stock libraries of other languages.

Prints a line for each case, and one for all: `interop: N passed, N failed, N skipped`. Words that are given choose pairs by their names,
for example `run.py ours-node`.
"""

import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from participants import CASES, COMMANDS, PAIRS, SERVER_GAPS  # noqa: E402
from server_process import ServerProcess  # noqa: E402

# All pairs together. It takes about 4 s where nothing hangs.
MATRIX_SECONDS_MAX = 60

# All cases of a client together. Each case has a limit of its own, of 10 s.
CLIENT_SECONDS_MAX = 25
RESULT = re.compile(r"(\w+) (ok|FAIL: .*)")


def run_client(command: list, port: int, seconds_max: float) -> dict:
    """Runs all cases, and gives what became of each: `ok`, or why not."""
    arguments = [argument for case in CASES for argument in ("--case", case)]
    try:
        client = subprocess.run(
            [*command, "client", "--port", str(port), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=seconds_max,
            text=True,
            check=False,
        )
        output, ending = client.stdout, f"the client ended with exit code {client.returncode}"
    except subprocess.TimeoutExpired as error:
        output, ending = (error.stdout or b"").decode(), f"the client took more than {seconds_max:.0f} s"
    results = dict(match.groups() for match in map(RESULT.fullmatch, output.splitlines()) if match)
    return {case: results.get(case, f"FAIL: no result: {ending}") for case in CASES}


def run_pair(client: str, server: str, end: float) -> dict:
    """Runs all cases of a pair, until a time. A server that cannot be started or stopped fails all of them."""
    if time.monotonic() > end:
        return dict.fromkeys(CASES, f"FAIL: not run: {MATRIX_SECONDS_MAX} s are over")
    try:
        with ServerProcess(COMMANDS[server]) as process:
            return run_client(COMMANDS[client], process.port, min(CLIENT_SECONDS_MAX, max(1, end - time.monotonic())))
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return dict.fromkeys(CASES, f"FAIL: {error}")


def judge(server: str, case: str, result: str) -> str:
    """The result of a case, seen with what the server is known not to do."""
    gap, complaint = SERVER_GAPS.get((server, case), (None, None))
    if gap is None:
        return result
    if result == "ok":
        return f"FAIL: passes, although {gap}: take it off the list of gaps"
    return f"skipped: {gap}" if complaint in result else result


def main() -> int:
    end = time.monotonic() + MATRIX_SECONDS_MAX
    counts = {"ok": 0, "FAIL": 0, "skipped": 0}
    for client, server in PAIRS:
        name = f"{client}-{server}"
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        for case, result in run_pair(client, server, end).items():
            judged = judge(server, case, result)
            counts[judged.partition(":")[0]] += 1
            print(f"{client} -> {server}  {case}  {judged}", flush=True)
    print(f"interop: {counts['ok']} passed, {counts['FAIL']} failed, {counts['skipped']} skipped")
    return 0 if counts["FAIL"] == 0 and counts["ok"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
