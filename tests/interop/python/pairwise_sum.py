"""The order in which Keras's NumPy backend adds up an array.

A norm depends on the order of its additions, so clipping is only comparable bit for bit when the order is the same.
"""

import numpy as np

BLOCK_ELEMENTS = 8192
LANES = 8
LEAF_ELEMENTS = 128


def pairwise_sum(values: np.ndarray) -> np.float32:
    """Adds all elements in row-major order: blocks of 8192 one after the other, each of them pairwise."""
    flat = np.ascontiguousarray(values).reshape(-1)
    total = np.float32(0)
    for start in range(0, flat.size, BLOCK_ELEMENTS):
        total = total + _sum_block(flat[start : start + BLOCK_ELEMENTS])
    return total


def _sum_block(block: np.ndarray) -> np.float32:
    count = block.size
    if count < LANES:
        return _sum_in_order(np.float32(0), block)
    if count <= LEAF_ELEMENTS:
        return _sum_leaf(block)
    half = count // 2
    half -= half % LANES
    return _sum_block(block[:half]) + _sum_block(block[half:])


def _sum_leaf(leaf: np.ndarray) -> np.float32:
    lanes = leaf[:LANES].copy()
    whole = leaf.size - leaf.size % LANES
    for start in range(LANES, whole, LANES):
        lanes += leaf[start : start + LANES]
    r = lanes
    total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
    return _sum_in_order(total, leaf[whole:])


def _sum_in_order(total: np.float32, values: np.ndarray) -> np.float32:
    for value in values:
        total = total + value
    return total
