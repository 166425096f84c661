"""Safetensors files with numpy alone: eight bytes with the length of the header, the header as JSON, the arrays without gaps."""

import json
import os
import pathlib
import struct
from typing import Dict, List, NamedTuple, Tuple

import numpy as np

from .errors import ConvertError

METADATA_NAME = "__metadata__"
LENGTH_BYTES = 8
ALIGNMENT = 8
HEADER_BYTES_MAX = 100_000_000

DTYPES = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "I32": np.dtype("<i4")}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class Contents(NamedTuple):
    """What a file has, and where its data begins."""

    metadata: Dict[str, str]
    arrays: Dict[str, np.ndarray]
    offsets: Dict[str, int]


def read(path) -> Contents:
    """Reads the header and maps the arrays. Whatever is not as the format has it is refused."""
    path = pathlib.Path(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        field = file.read(LENGTH_BYTES)
        if len(field) < LENGTH_BYTES:
            raise ConvertError(path, "byte 0", f"it has {size} bytes, and a safetensors file begins with a length of {LENGTH_BYTES}")
        (length,) = struct.unpack("<Q", field)
        if not 2 <= length <= min(HEADER_BYTES_MAX, size - LENGTH_BYTES):
            raise ConvertError(path, "byte 0", f"it is no safetensors file, or cut: its header would have {length} bytes, the file has {size}")
        text = file.read(length)
    metadata, entries = _parse(path, text)
    begin = LENGTH_BYTES + length
    arrays, offsets, end = {}, {}, 0
    data = np.memmap(path, np.uint8, "r") if size > begin else np.zeros(0, np.uint8)
    for name, dtype, shape, first, after in sorted(entries, key=lambda entry: entry[3:]):
        place = f"'{name}' (byte {begin + first})"
        if first != end or after - first != dtype.itemsize * _product(shape):
            raise ConvertError(path, place, f"its data_offsets [{first}, {after}] do not fit its shape, or what comes before it ends at {end}")
        if begin + after > size:
            raise ConvertError(path, place, f"the file has {size} bytes and ends within the array")
        end = after
        # Mapped bytes need not be aligned to elements; numpy copies where they are not.
        arrays[name] = data[begin + first : begin + after].view(dtype).reshape(shape) if after > first else np.zeros(shape, dtype)
        offsets[name] = begin + first
    if begin + end != size:
        raise ConvertError(path, f"byte {begin + end}", f"the arrays end here, and the file has {size} bytes")
    return Contents(metadata, arrays, offsets)


def write(path, metadata: Dict[str, str], arrays: Dict[str, np.ndarray]) -> None:
    """Writes a file, under another name until it is whole. Arrays of larger elements come first, so that all are aligned."""
    path = pathlib.Path(path)
    ordered = sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize)
    header, end = {METADATA_NAME: metadata}, 0
    for name, array in ordered:
        header[name] = {"dtype": _NAMES[array.dtype.newbyteorder("<")], "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]}
        end += array.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    temporary = path.with_name(path.name + ".partial")
    try:
        with temporary.open("wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for _, array in ordered:
                np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tofile(file)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _parse(path, text: bytes) -> Tuple[Dict[str, str], List[tuple]]:
    try:
        header = json.loads(text.decode(), object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError) as invalid:
        raise ConvertError(path, f"byte {LENGTH_BYTES}", f"the header is no JSON, or damaged: {invalid}") from None
    if not isinstance(header, dict):
        raise ConvertError(path, f"byte {LENGTH_BYTES}", "the header is no JSON object")
    metadata, entries = header.pop(METADATA_NAME, {}), []
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ConvertError(path, METADATA_NAME, "it is no table of texts")
    for name, entry in header.items():
        try:
            dtype, shape, (first, after) = entry["dtype"], entry["shape"], entry["data_offsets"]
            known = DTYPES[dtype]
        except (TypeError, KeyError, ValueError):
            raise ConvertError(path, f"'{name}'", f"it needs dtype ({', '.join(DTYPES)}), shape and data_offsets; found {entry}") from None
        if not isinstance(shape, list) or not all(type(number) is int and number >= 0 for number in [*shape, first, after]):
            raise ConvertError(path, f"'{name}'", f"its shape and data_offsets must be numbers of 0 or more; found {entry}")
        entries.append((name, known, shape, first, after))
    return metadata, entries


def _once(pairs):
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError(f"a name stands there twice, among {sorted(name for name, _ in pairs)[:10]}")
    return names


def _product(shape) -> int:
    product = 1
    for dimension in shape:
        product *= dimension
    return product
