"""From the file of a session to a Keras file."""

import json
import re
from typing import Dict, List, Sequence

import numpy as np

from . import keras_files, keras_optimizer as ko
from . import keras_variables, session_file as sf
from .errors import ConvertError, warn
from .keras_files import OPTIMIZER_GROUP, VARS

# Of an iteration that no template shows: what every backend but TensorFlow writes.
_ITERATION_DTYPE = np.dtype(np.int32)


def convert(source, target, template=None, config=None, variables=None) -> None:
    """Writes the template with the session's weights and optimizer, or a `.weights.h5` with the optimizer alone."""
    session = sf.read(source)
    serialized = optimizer_of(source, session)
    optimizer = ko.parse(source, serialized)
    if keras_files.is_archive(target) and (template is None or not keras_files.is_archive(template)):
        raise ConvertError(target, "", "an archive has the model in it: give one of the same model with --template FILE.keras")
    if template is None:
        warn(f"{target}: without --template it has the optimizer's variables alone; model.load_weights does not take it, optimizer.load_own_variables does")
        weights = _write(_whole(source, session, optimizer, _ITERATION_DTYPE), optimizer, None, {})
    else:
        with keras_files.opened(template, config) as file:
            found = _match(source, session, file, keras_variables.read(file, variables))
            numbers = _whole(source, session, optimizer, _iteration_dtype(file))
            weights = _write(numbers, optimizer, file, found)
    if keras_files.is_archive(target):
        keras_files.write_archive(target, template, weights, serialized)
    else:
        keras_files.write_weights(target, weights)


def optimizer_of(source, session: sf.SessionFile) -> dict:
    """The optimizer in Keras's JSON with the learning rate in force."""
    if session.keras_config is None:
        raise ConvertError(source, sf.KERAS_NAME, "Keras has no such optimizer: several groups, lazy rows, a policy or a supplied rate of the service's own")
    if any(sf.ROW_STEPS in tensor.slots for tensor in session.tensors):
        raise ConvertError(source, sf.KERAS_NAME, "Keras has no lazy rows")
    serialized = json.loads(session.keras_config)
    rate = (session.groups[0].get("learningRate") or {}).get("value")
    optimizer = ko.parse(source, serialized)
    if rate is not None and optimizer.has_rate_variable:
        inner = serialized["config"]["inner_optimizer"]["config"] if optimizer.scale is not None else serialized["config"]
        inner["learning_rate"] = float(np.float32(sf.number_of_json(rate)))
    for tensor in session.trainable:
        if tensor.is_excluded_from_decay:
            warn(f"{source}: Keras saves no exclusions from weight decay; call exclude_from_weight_decay after loading ('{tensor.name}' and maybe others)")
            break
    return serialized


class _Numbers:
    """The variables of the optimizer by their places."""

    def __init__(self, by_place: dict, count: int):
        self.by_place, self.count = by_place, count

    def __getitem__(self, place: ko.Place) -> np.ndarray:
        return self.by_place[place]


def _whole(source, session: sf.SessionFile, optimizer: ko.KerasOptimizer, iteration_dtype: np.dtype) -> _Numbers:
    trainable = session.trainable
    iterations = int(session.groups[0]["iterations"])
    numbers = {
        ko.Place(ko.ITERATION): np.array(iterations, iteration_dtype),
        ko.Place(ko.LEARNING_RATE): np.float32(optimizer.adam["learning_rate"]) if optimizer.has_rate_variable else None,
    }
    if optimizer.scale is not None:
        scale = session.loss_scale or {}
        values = (np.array(0, iteration_dtype), np.float32(0), np.array(int(scale.get("stepCounter", 0)), iteration_dtype))
        numbers.update(zip(ko.SCALE_PLACES, (*values, np.float32(sf.number_of_json(scale.get("scale", 0))))))
    for place in ko.adam_places(optimizer, len(trainable)):
        if place.tensor is not None:
            tensor = trainable[place.tensor]
            if place.kind not in tensor.slots:
                raise ConvertError(source, f"'{tensor.name}'", f"the settings say that it has {place.kind}, and the file has it not")
            numbers[place] = tensor.slots[place.kind]
    return _Numbers(numbers, len(trainable))


def _match(source, session: sf.SessionFile, file: keras_files.KerasFile, variables: Sequence[keras_variables.Variable]) -> Dict[str, np.ndarray]:
    """The new array of each place of the template. All differences are listed."""
    tensors = {tensor.name: tensor for tensor in session.tensors}
    differences: List[str] = []
    found = {}
    for variable in variables:
        tensor, stored = tensors.pop(variable.path, None), file.weights[variable.location]
        if tensor is None:
            differences.append(f"'{variable.path}' is missing in the session")
        elif (tensor.weights.shape, tensor.weights.dtype) != (stored.shape, stored.dtype):
            differences.append(
                f"'{variable.path}' is {tensor.weights.dtype} {list(tensor.weights.shape)} in the session and {stored.dtype} {list(stored.shape)} in the template"
            )
        else:
            found[variable.location] = tensor.weights
    differences += [f"'{name}' is missing in the template" for name in tensors]
    order = [variable.path for variable in variables if variable.role == sf.TRAINABLE]
    if not differences and order != [tensor.name for tensor in session.trainable]:
        differences.append(f"the trainable variables are {[t.name for t in session.trainable]} in the session and {order} in the template")
    if differences:
        raise ConvertError(source, "", f"{file.path} is another model's: " + "; ".join(differences))
    return found


def _iteration_dtype(file: keras_files.KerasFile) -> np.dtype:
    first = file.weights.get(f"{OPTIMIZER_GROUP}/{VARS}/0")
    return _ITERATION_DTYPE if first is None or first.dtype.kind != "i" else first.dtype


def _write(numbers: _Numbers, optimizer: ko.KerasOptimizer, template, weights: Dict[str, np.ndarray]) -> bytes:
    file, stream = keras_files.memory_file()
    with file:
        group = file.create_group(VARS)
        if template is not None:
            # In Keras's own order: a group's variables first, then what lies in it; the optimizer comes after the layers.
            _copy(template.weights, file, weights, "")
        _write_group(file.create_group(OPTIMIZER_GROUP), optimizer.name, numbers, ko.all_places(optimizer, numbers.count))
        if optimizer.scale is not None:
            inner = file[OPTIMIZER_GROUP].create_group(ko.INNER_GROUP)
            _write_group(inner, optimizer.adam["name"], numbers, ko.adam_places(optimizer, numbers.count))
        del group
    return stream.getvalue()


def _write_group(parent, name: str, numbers: _Numbers, places: Sequence[ko.Place]) -> None:
    group = parent.create_group(VARS)
    for i, place in enumerate(places):
        group[str(i)] = numbers[place]
    group.attrs["name"] = name


def _copy(source, target, weights: Dict[str, np.ndarray], location: str) -> None:
    for name in sorted(source, key=_natural):
        place = f"{location}{name}"
        if place == OPTIMIZER_GROUP:
            continue
        item = source[name]
        if hasattr(item, "dtype"):
            target.create_dataset(name, data=weights.get(place, item[()]))
        else:
            _copy(item, target.require_group(name), weights, f"{place}/")
        for key, value in item.attrs.items():
            target[name].attrs[key] = value


def _natural(name: str):
    # `vars` is made first, and 10 comes after 9.
    return name != VARS, [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]
