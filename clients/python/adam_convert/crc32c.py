"""CRC32C (Castagnoli), which the files of sessions carry for each array and for their metadata. Vectorised: hundreds of megabytes are summed in seconds."""

import functools

import numpy as np

_POLYNOMIAL = 0x82F63B78
_ONES = 0xFFFFFFFF

# A piece is cut into lanes of this many bytes, which are summed side by side and joined in pairs.
_LANE_BYTES = 256
_PIECE_BYTES = 1 << 22

# Models have many small arrays, for which a plain loop is faster.
_PLAIN_BYTES_MAX = 4096


def crc32c(data) -> int:
    """The checksum of bytes, or of the elements of an array."""
    return append(_ONES, data) ^ _ONES


def append(state: int, data) -> int:
    """Goes on from the state of what came before; the first state is all ones, and the checksum is the last one inverted."""
    octets = data.reshape(-1).view(np.uint8) if isinstance(data, np.ndarray) else np.frombuffer(data, np.uint8)
    if octets.size <= _PLAIN_BYTES_MAX:
        table = _plain_table()
        for octet in octets.tobytes():
            state = state >> 8 ^ table[(state ^ octet) & 0xFF]
        return state
    for start in range(0, octets.size, _PIECE_BYTES):
        piece = octets[start : start + _PIECE_BYTES]
        state = int(_apply(_zeros_operator(piece.size), np.array([state], np.uint32))[0]) ^ _from_zero(piece)
    return state


def _from_zero(octets: np.ndarray) -> int:
    # From state zero, zeros in front change nothing: they fill the lanes up to a power of two.
    lanes = 1 << max(0, (-(-octets.size // _LANE_BYTES) - 1).bit_length())
    filled = np.zeros(lanes * _LANE_BYTES, np.uint8)
    filled[filled.size - octets.size :] = octets
    words = np.ascontiguousarray(filled.view("<u4").reshape(lanes, -1).T)
    tables = _tables()
    states = np.zeros(lanes, np.uint32)
    for i in range(0, len(words), 2):
        low, high = words[i] ^ states, words[i + 1]
        states = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^ tables[4][low >> 24]
        states ^= tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^ tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24]
    length = _LANE_BYTES
    while states.size > 1:
        states = _apply(_zeros_operator(length), states[0::2]) ^ states[1::2]
        length *= 2
    return int(states[0])


@functools.lru_cache(None)
def _tables() -> np.ndarray:
    """Table k has what a byte becomes when k zero bytes follow it."""
    tables = np.zeros((8, 256), np.uint32)
    for byte in range(256):
        state = byte
        for _ in range(8):
            state = state >> 1 ^ (_POLYNOMIAL if state & 1 else 0)
        tables[0][byte] = state
    for k in range(1, 8):
        tables[k] = tables[k - 1] >> 8 ^ tables[0][tables[k - 1] & 0xFF]
    return tables


@functools.lru_cache(None)
def _plain_table() -> list:
    return _tables()[0].tolist()


@functools.lru_cache(256)
def _zeros_operator(count: int) -> np.ndarray:
    """What a state becomes when so many zero bytes follow, as a table for each of its four bytes."""
    if count == 1:
        table = _tables()[0]
        bits = np.array([1 << bit for bit in range(32)], np.uint32)
        return _byte_tables(bits >> 8 ^ table[bits & 0xFF])
    half = _zeros_operator(count // 2)
    columns = _apply(half, _apply(half, np.array([1 << bit for bit in range(32)], np.uint32)))
    return _byte_tables(_apply(_zeros_operator(1), columns) if count % 2 else columns)


def _byte_tables(columns: np.ndarray) -> np.ndarray:
    """From what the operator makes of each bit."""
    tables = np.zeros((4, 256), np.uint32)
    values = np.arange(256)
    for bit in range(32):
        tables[bit // 8] ^= np.where(values >> bit % 8 & 1, columns[bit], 0).astype(np.uint32)
    return tables


def _apply(operator: np.ndarray, states: np.ndarray) -> np.ndarray:
    return operator[0][states & 0xFF] ^ operator[1][states >> 8 & 0xFF] ^ operator[2][states >> 16 & 0xFF] ^ operator[3][states >> 24]
