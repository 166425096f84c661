"""The C library's `powf`, the one function of the step that IEEE 754 does not fix."""

import ctypes
import ctypes.util

import numpy as np

_LIBM = ctypes.CDLL(ctypes.util.find_library("m"))
_LIBM.powf.argtypes = (ctypes.c_float, ctypes.c_float)
_LIBM.powf.restype = ctypes.c_float


def powf(base: np.float32, exponent: np.float32) -> np.float32:
    """Returns base ** exponent as glibc rounds it. NumPy's own vectorised power gives other bits on some processors."""
    return np.float32(_LIBM.powf(float(base), float(exponent)))
