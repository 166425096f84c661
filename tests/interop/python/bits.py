"""Comparing numbers by their bits, so that -0 is not 0 and nothing is "almost" equal."""

import unittest
from typing import Sequence

import numpy as np


def assert_same_bits(test: unittest.TestCase, expected: Sequence[np.ndarray], actual: Sequence[np.ndarray], what: str) -> None:
    """Fails with the first element that differs in any bit. Shapes and dtypes must be the same too."""
    test.assertEqual(len(expected), len(actual), f"{what}: number of tensors")
    for index, (mine, theirs) in enumerate(zip(expected, actual)):
        test.assertEqual((np.float32, mine.shape), (theirs.dtype, theirs.shape), f"{what}: tensor {index}")
        different = np.flatnonzero(_bits(mine) != _bits(theirs))
        if different.size:
            at = different[0]
            test.fail(
                f"{what}: tensor {index} differs in {different.size} of {mine.size} elements, first at {at}: "
                f"expected {float(mine.flat[at]).hex()}, received {float(theirs.flat[at]).hex()}"
            )


def xor_bits(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The bit patterns of both, XORed, looked at as float32 again."""
    return (_bits(old) ^ _bits(new)).view(np.float32).reshape(new.shape)


def _bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).reshape(-1).view(np.uint32)
