"""torch's files: state_dicts of a model and of an optimizer.

They are zip archives with a pickle, which could run anything. They are read without torch, by an unpickler that makes tensors, numbers, texts, lists
and dictionaries and knows nothing else: `torch.load(..., weights_only=True)` of torch 1.13 does not read the floats of an optimizer, and its
`pickle_module` is ignored. They are written by torch.
"""

import collections
import pathlib
import pickle
import zipfile
from typing import NamedTuple, Optional

import numpy as np

from .errors import ConvertError

MODEL_KEYS = ("model", "model_state_dict", "state_dict")
OPTIMIZER_KEYS = ("optimizer", "optimizer_state_dict")

# The types that numpy has; of the others a tensor has the name.
_DTYPES = {
    "Float": np.dtype("<f4"),
    "Half": np.dtype("<f2"),
    "Double": np.dtype("<f8"),
    "Long": np.dtype("<i8"),
    "Int": np.dtype("<i4"),
    "Short": np.dtype("<i2"),
    "Char": np.dtype("i1"),
    "Byte": np.dtype("u1"),
    "Bool": np.dtype("?"),
}


class TorchTensor(NamedTuple):
    """A tensor of a file. Two of the same identity share their memory in torch."""

    dtype: str
    shape: tuple
    identity: tuple
    array: Optional[np.ndarray]

    def __float__(self):
        return float(self.array)

    def __int__(self):
        return int(self.array)


def load_model(path) -> dict:
    """The state_dict of a model: alone in the file, or in a checkpoint with the optimizer's."""
    found = _part(_load(path), MODEL_KEYS)
    if not found or not all(isinstance(name, str) and isinstance(value, TorchTensor) for name, value in found.items()):
        raise ConvertError(path, "", f"expected a model's state_dict, alone or under one of {', '.join(MODEL_KEYS)}")
    return found


def load_optimizer(path) -> dict:
    """The state_dict of an optimizer."""
    found = _part(_load(path), OPTIMIZER_KEYS)
    if not isinstance(found.get("state"), dict) or not isinstance(found.get("param_groups"), list):
        raise ConvertError(path, "", f"expected an optimizer's state_dict (state, param_groups), alone or under one of {', '.join(OPTIMIZER_KEYS)}")
    return found


def torch():
    """The library, which only writing needs."""
    try:
        import torch as library
    except ImportError:
        raise ConvertError("torch", "", "it is not installed, and torch's files are written by it (Debian: python3-torch)") from None
    return library


def save(path, contents) -> None:
    """Writes a file, under another name until it is whole."""
    path = pathlib.Path(path)
    temporary = path.with_name(path.name + ".partial")
    try:
        torch().save(contents, str(temporary))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _part(contents, keys) -> dict:
    if not isinstance(contents, dict):
        return {}
    return next((contents[key] for key in keys if isinstance(contents.get(key), dict)), contents)


def _load(path):
    try:
        with zipfile.ZipFile(path) as archive:
            roots = [name[: -len("data.pkl")] for name in archive.namelist() if name.endswith("data.pkl")]
            if len(roots) != 1:
                raise ConvertError(path, "data.pkl", f"a file of torch has one such entry; found {len(roots)}")
            with archive.open(roots[0] + "data.pkl") as stream:
                return _Unpickler(stream, path, archive, roots[0]).load()
    except zipfile.BadZipFile as invalid:
        raise ConvertError(path, "", f"it is no file of torch 1.6 or later, or damaged: {invalid}") from None
    except ConvertError:
        raise
    except Exception as damaged:  # A damaged pickle can fail in any way.
        raise ConvertError(path, "data.pkl", f"it is damaged, or no state_dict: {type(damaged).__name__}: {damaged}") from None


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream, path, archive: zipfile.ZipFile, root: str):
        super().__init__(stream)
        self._path, self._archive, self._root = path, archive, root
        self._storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._rebuild
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda data, requires_grad, hooks: data
        if module == "torch" and name.endswith("Storage"):
            return name[: -len("Storage")]
        raise ConvertError(self._path, "data.pkl", f"it would load {module}.{name}; here only tensors, numbers, texts, lists and dictionaries are read")

    def persistent_load(self, pid):
        kind, dtype, key, _, count = pid
        if kind != "storage":
            raise ConvertError(self._path, "data.pkl", f"it refers to something that is no storage: {kind}")
        if key not in self._storages:
            place = f"{self._root}data/{key}"
            data = self._archive.read(place)
            known = _DTYPES.get(dtype)
            if known is not None and len(data) != count * known.itemsize:
                raise ConvertError(self._path, place, f"it has {len(data)} bytes; {count} elements of {dtype} are expected")
            self._storages[key] = (dtype, key, np.frombuffer(data, known) if known is not None else None)
        return self._storages[key]

    def _rebuild(self, storage, offset, shape, stride, *_):
        dtype, key, elements = storage
        shape, stride = tuple(shape), tuple(stride)
        array = None
        if elements is not None:
            last = offset + sum((size - 1) * step for size, step in zip(shape, stride))
            if min((offset, *shape, *stride), default=0) < 0 or (0 not in shape and last >= elements.size):
                raise ConvertError(self._path, f"data/{key}", f"a tensor {list(shape)} from {offset} reaches beyond its {elements.size} elements")
            strides = tuple(step * elements.itemsize for step in stride)
            array = np.array(np.lib.stride_tricks.as_strided(elements[offset:], shape, strides)) if 0 not in shape else np.zeros(shape, elements.dtype)
        return TorchTensor(dtype, shape, (key, offset, shape, stride), array)
