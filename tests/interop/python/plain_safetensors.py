"""A session's file, read with nothing but numpy and what everybody knows of the format: length, JSON, offsets."""

import json
import struct

import numpy as np

DTYPES = {"F32": np.float32, "F16": np.float16, "I32": np.int32}


def read_file(data):
    """The metadata and the arrays of a file; what is not as the format has it fails."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    begin, arrays, ends = 8 + length, {}, [0]
    if begin % 8 != 0:
        raise AssertionError("the data is not aligned")
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, end = entry["data_offsets"]
        if first != ends[-1]:
            raise AssertionError(f"{name} begins at {first}, not at {ends[-1]}")
        ends.append(end)
        arrays[name] = np.frombuffer(data[begin + first : begin + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    if begin + ends[-1] != len(data):
        raise AssertionError("the arrays do not fill the file")
    return metadata, arrays
