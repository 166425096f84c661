"""The file of a session: what ExportSession streams and ImportSession takes (docs/durability.md)."""

import dataclasses
import datetime
import json
import struct
from typing import Dict, List, Optional

import numpy as np

from . import crc32c, safetensors
from .errors import ConvertError

FORMAT_NAME, FORMAT = "adam.format", "1"
STATE_NAME = "adam.state"
TIME_NAME = "adam.time"
KERAS_NAME = "keras_config"
SEAL_NAME = "adam.metadata_crc32c"

# The slots in the order of a file, as the record and as names have them.
SUFFIXES = {
    "SLOT_WEIGHTS": "",
    "SLOT_FIRST_MOMENT": "/m",
    "SLOT_SECOND_MOMENT": "/v",
    "SLOT_MAX_SECOND_MOMENT": "/vhat",
    "SLOT_AVERAGE": "/average",
    "SLOT_ACCUMULATOR": "/accumulator",
    "SLOT_ROW_STEPS": "/row_steps",
}
WEIGHTS, FIRST_MOMENT, SECOND_MOMENT, MAX_SECOND_MOMENT, AVERAGE, ACCUMULATOR, ROW_STEPS = SUFFIXES
TRAINABLE, FROZEN, BUFFER = "TENSOR_ROLE_TRAINABLE", "TENSOR_ROLE_FROZEN", "TENSOR_ROLE_BUFFER"
DTYPES = {np.dtype(np.float32): "DTYPE_FLOAT32", np.dtype(np.float16): "DTYPE_FLOAT16"}

_ID_BYTES = 16


@dataclasses.dataclass
class Tensor:
    """A tensor of a session with its slots."""

    name: str
    role: str
    slots: Dict[str, np.ndarray]
    group: int = 0
    is_excluded_from_decay: bool = False
    constraint: Optional[dict] = None
    aliases: List[str] = dataclasses.field(default_factory=list)

    @property
    def weights(self) -> np.ndarray:
        """The tensor itself."""
        return self.slots[WEIGHTS]

    @property
    def is_trainable(self) -> bool:
        """Whether it has a place in the optimizer."""
        return self.role == TRAINABLE


@dataclasses.dataclass
class SessionFile:
    """A session: the settings and counters as the record has them (JSON of adam.storage.v1.SessionState), and its tensors."""

    optimizer: dict
    groups: List[dict]
    tensors: List[Tensor]
    loss_scale: Optional[dict] = None
    keras_config: Optional[str] = None
    version: int = 1
    workers: int = 0
    labels: Dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def trainable(self) -> List[Tensor]:
        """The tensors that the optimizer has, in its order."""
        return [tensor for tensor in self.tensors if tensor.is_trainable]


def write(path, session: SessionFile) -> None:
    """Writes a session as one that begins with this state: it has no workers and no past."""
    arrays, entries, taken = {}, [], {safetensors.METADATA_NAME}
    for slot, suffix in SUFFIXES.items():
        for index, tensor in enumerate(session.tensors):
            if slot in tensor.slots:
                name = _take(taken, tensor.name + suffix)
                # The checksum is over what the file has, whatever order of bytes the machine has.
                array = np.ascontiguousarray(tensor.slots[slot], tensor.slots[slot].dtype.newbyteorder("<")).reshape(tensor.slots[slot].shape)
                arrays[name] = array
                entries.append({"tensorIndex": index, "slot": slot, "name": name, "crc32c": crc32c.crc32c(array)})
    state = {
        "format": 1,
        "definition": {
            "optimizer": session.optimizer,
            "tensors": [_spec(tensor) for tensor in session.tensors],
            "durability": {},
        },
        "generation": "1",
        "version": str(session.version),
        "groups": session.groups,
        **({"lossScale": session.loss_scale} if session.loss_scale is not None else {}),
        "labels": session.labels,
        "arrays": entries,
    }
    metadata = {
        FORMAT_NAME: FORMAT,
        TIME_NAME: datetime.datetime.now(datetime.timezone.utc).isoformat(),
        STATE_NAME: json.dumps(state, ensure_ascii=False, allow_nan=False),
    }
    if session.keras_config is not None:
        metadata[KERAS_NAME] = session.keras_config
    safetensors.write(path, {**metadata, SEAL_NAME: seal(metadata)}, arrays)


def read(path) -> SessionFile:
    """Reads a session's file. Every byte of it is under a checksum, and every checksum is compared."""
    contents = safetensors.read(path)
    record = read_record(path, contents.metadata)
    try:
        return _read(path, contents, record)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as invalid:
        raise ConvertError(path, STATE_NAME, f"it is not the record that it should be: {type(invalid).__name__} {invalid}") from None


def read_record(path, metadata: Dict[str, str]) -> dict:
    """The record in the metadata, after its seal was compared."""
    if SEAL_NAME not in metadata:
        raise ConvertError(path, safetensors.METADATA_NAME, f"there is no {SEAL_NAME}: it is no file of a session")
    if metadata[SEAL_NAME] != seal(metadata):
        raise ConvertError(path, safetensors.METADATA_NAME, f"it is damaged: its checksum is {seal(metadata)} and should be {metadata[SEAL_NAME]}")
    if metadata.get(FORMAT_NAME) != FORMAT or STATE_NAME not in metadata:
        raise ConvertError(path, FORMAT_NAME, f"'{metadata.get(FORMAT_NAME)}' is not known here; '{FORMAT}' is")
    try:
        return json.loads(metadata[STATE_NAME])
    except ValueError as invalid:
        raise ConvertError(path, STATE_NAME, f"it is no JSON: {invalid}") from None


def seal(metadata: Dict[str, str]) -> str:
    """The checksum over all other lines: for each in order of its name, length and UTF-8 of name, then of text."""
    state = 0xFFFFFFFF
    # The service compares names as UTF-16 and Python as code points; those of a session's file are ASCII.
    for name in sorted(name for name in metadata if name != SEAL_NAME):
        for text in (name.encode(), metadata[name].encode()):
            state = crc32c.append(crc32c.append(state, struct.pack("<i", len(text))), text)
    return f"{state ^ 0xFFFFFFFF:08x}"


def number_to_json(value: float):
    """A double as the record's JSON has it."""
    return float(value) if np.isfinite(value) else "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _spec(tensor: Tensor) -> dict:
    dtype = DTYPES[tensor.weights.dtype.newbyteorder("=")]
    spec = {
        "name": tensor.name,
        "shape": [str(dimension) for dimension in tensor.weights.shape],
        "dtype": dtype,
        "gradientDtype": dtype,
        "role": tensor.role,
        "excludeFromWeightDecay": tensor.is_excluded_from_decay,
        "group": tensor.group,
        "aliases": tensor.aliases,
        "rowUpdates": "ROW_UPDATES_DENSE",
    }
    return spec if tensor.constraint is None else {**spec, "constraint": tensor.constraint}


def _read(path, contents: safetensors.Contents, record: dict) -> SessionFile:
    if record.get("uninitializedTensors"):
        raise ConvertError(path, STATE_NAME, f"tensors {record['uninitializedTensors']} have no values yet")
    definition = record["definition"]
    tensors = [
        Tensor(
            spec["name"],
            spec.get("role", TRAINABLE),
            {},
            spec.get("group", 0),
            spec.get("excludeFromWeightDecay", False),
            spec.get("constraint"),
            spec.get("aliases", []),
        )
        for spec in definition["tensors"]
    ]
    unread = dict(contents.arrays)
    for entry in record["arrays"]:
        name, slot = entry["name"], entry["slot"]
        if name not in unread or slot not in SUFFIXES:
            raise ConvertError(path, f"'{name}'", "the record names it, and the file has no such array")
        array = unread.pop(name)
        found, expected = crc32c.crc32c(array), entry.get("crc32c", 0)
        if found != expected:
            place = f"'{name}' (byte {contents.offsets[name]})"
            raise ConvertError(path, place, f"its {array.nbytes} bytes are damaged: their checksum is {found:08x} and should be {expected:08x}")
        tensors[entry.get("tensorIndex", 0)].slots[slot] = array
    for name in unread:
        raise ConvertError(path, f"'{name}'", "the record does not name this array")
    for tensor in tensors:
        if WEIGHTS not in tensor.slots:
            raise ConvertError(path, f"'{tensor.name}'", "its weights are missing")
    return SessionFile(
        definition.get("optimizer", {}),
        record["groups"],
        tensors,
        record.get("lossScale"),
        contents.metadata.get(KERAS_NAME),
        int(record["version"]),
        len(record.get("workers", [])),
        record.get("labels", {}),
    )


def _take(taken: set, name: str) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}#{number}", number + 1
    taken.add(free)
    return free
