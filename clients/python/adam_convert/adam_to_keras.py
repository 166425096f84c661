"""From the file of a session to a Keras file."""

import contextlib
import json
import re
from typing import Dict, List, Optional, Sequence

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
    with contextlib.ExitStack() as stack:
        file, weights = None, {}
        if template is None:
            warn(f"{target}: without --template it has the optimizer's variables alone; optimizer.load_own_variables takes them, model.load_weights does not")
        else:
            file = stack.enter_context(keras_files.opened(template, config))
            weights = _match(source, session, file, keras_variables.read(file, variables))
        numbers = _numbers(source, session, optimizer, _iteration_dtype(file))
        with keras_files.new_weights(target, template, serialized) as new:
            _write(new, optimizer, len(session.trainable), numbers, file, weights)


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
        inner["learning_rate"] = float(np.float32(rate))
    for tensor in session.trainable:
        if tensor.is_excluded_from_decay:
            warn(f"{source}: Keras saves no exclusions from weight decay; call exclude_from_weight_decay after loading ('{tensor.name}' and maybe others)")
            break
    return serialized


def _numbers(source, session: sf.SessionFile, optimizer: ko.KerasOptimizer, iteration_dtype: np.dtype) -> Dict[ko.Place, np.ndarray]:
    """The variables of the optimizer by their places."""
    numbers = {ko.Place(ko.ITERATION): np.array(int(session.groups[0].get("iterations", 0)), iteration_dtype)}
    if optimizer.has_rate_variable:
        numbers[ko.Place(ko.LEARNING_RATE)] = np.float32(optimizer.adam["learning_rate"])
    if optimizer.scale is not None:
        scale = session.loss_scale or {}
        counter = np.array(int(scale.get("stepCounter", 0)), iteration_dtype)
        numbers.update(zip(ko.SCALE_PLACES, (np.array(0, iteration_dtype), np.float32(0), counter, np.float32(scale.get("scale", 0)))))
    for place in ko.adam_places(optimizer, len(session.trainable)):
        if place.tensor is not None:
            tensor = session.trainable[place.tensor]
            if place.kind not in tensor.slots:
                raise ConvertError(source, f"'{tensor.name}'", f"the settings say that it has {place.kind}, and the file has it not")
            numbers[place] = tensor.slots[place.kind]
    return numbers


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
                f"'{variable.path}' is {tensor.weights.dtype} {list(tensor.weights.shape)} in the session, "
                f"{stored.dtype} {list(stored.shape)} in the template"
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


def _iteration_dtype(file: Optional[keras_files.KerasFile]) -> np.dtype:
    first = None if file is None else file.weights.get(f"{OPTIMIZER_GROUP}/{VARS}/0")
    return _ITERATION_DTYPE if first is None or first.dtype.kind != "i" else first.dtype


def _write(new, optimizer: ko.KerasOptimizer, count: int, numbers, template: Optional[keras_files.KerasFile], weights: Dict[str, np.ndarray]) -> None:
    new.create_group(VARS)
    if template is not None:
        _copy(template.weights, new, weights, "")
    # Keras makes a group's name before its numbers, its variables before what lies in it, and the optimizer after the layers.
    group = new.create_group(OPTIMIZER_GROUP)
    _write_group(group, optimizer.name, numbers, ko.all_places(optimizer, count))
    if optimizer.scale is not None:
        _write_group(group.create_group(ko.INNER_GROUP), optimizer.adam["name"], numbers, ko.adam_places(optimizer, count))


def _write_group(parent, name: str, numbers: Dict[ko.Place, np.ndarray], places: Sequence[ko.Place]) -> None:
    group = parent.create_group(VARS)
    group.attrs["name"] = name
    for i, place in enumerate(places):
        group[str(i)] = numbers[place]


def _copy(source, target, weights: Dict[str, np.ndarray], location: str) -> None:
    for name in sorted(source, key=_natural):
        place = f"{location}{name}"
        if place == OPTIMIZER_GROUP:
            continue
        item = source[name]
        if hasattr(item, "dtype"):
            target[name] = weights.get(place, item[()])
        else:
            target.require_group(name)
        for key, value in item.attrs.items():
            target[name].attrs[key] = value
        if not hasattr(item, "dtype"):
            _copy(item, target[name], weights, f"{place}/")


def _natural(name: str):
    # `vars` is made first, and 10 comes after 9.
    return name != VARS, [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]
