"""Waiting for what the service does in its own time, with an end to the waiting."""

import time
from typing import Callable

WAIT_SECONDS_MAX = 30


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Asks again and again until the condition holds; each question is a call to the service, which paces the asking."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {WAIT_SECONDS_MAX} s in vain: {what}")
