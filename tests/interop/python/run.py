"""Runs every test of this folder and sums up in one last line: `python: N passed, N failed, N skipped`."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class CountingResult(unittest.TextTestResult):
    """Counts tests that passed, which unittest itself does not."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main() -> int:
    # Nothing is written beside the sources.
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE))
    suite = unittest.defaultTestLoader.discover(str(HERE), pattern="test_*.py")
    result = unittest.TextTestRunner(resultclass=CountingResult, verbosity=2).run(suite)
    sys.stderr.flush()
    # A test with several failed subtests is one failed test.
    failed = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print(f"python: {result.passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 and result.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
