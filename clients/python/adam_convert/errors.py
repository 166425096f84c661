"""How the converter refuses, and how it warns."""

import sys


class ConvertError(Exception):
    """A file that cannot be converted: which one, where in it, and why."""

    def __init__(self, file, place: str, why: str):
        super().__init__(f"{file}: {place}: {why}" if place else f"{file}: {why}")


def warn(text: str) -> None:
    """Says on the error stream what the caller must know and what is no reason to refuse."""
    print(f"warning: {text}", file=sys.stderr)
