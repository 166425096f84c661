"""The converter as tests use it: in this process, with what it refused and what it warned of."""

import contextlib
import io
import sys
import unittest

from repository import CLIENTS

sys.path.insert(0, str(CLIENTS))

# pylint: disable=wrong-import-position
from adam_convert import crc32c, session_file  # noqa: E402
from adam_convert.__main__ import main  # noqa: E402

__all__ = ["crc32c", "session_file", "convert", "assert_refused"]


def convert(*arguments) -> str:
    """Runs a conversion, which must succeed, and returns its warnings."""
    code, said = _run(arguments)
    if code != 0:
        raise AssertionError(said)
    return said


def assert_refused(test: unittest.TestCase, expected: str, *arguments) -> None:
    """The conversion must be refused with a message that has this in it, and leave nothing behind."""
    code, said = _run(arguments)
    test.assertEqual(1, code, said)
    test.assertIn(expected, said)


def _run(arguments):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        code = main([str(argument) for argument in arguments])
    return code, said.getvalue()
