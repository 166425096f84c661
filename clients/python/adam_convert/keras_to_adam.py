"""From a Keras file to the file of a session."""

import json
from typing import List, Sequence

import numpy as np

from . import keras_optimizer as ko
from . import keras_variables, session_file as sf
from .errors import ConvertError, warn
from .keras_files import OPTIMIZER_GROUP, VARS, KerasFile, opened, optimizer_of

_ITERATIONS_MAX = 2**31 - 1


def convert(source, target, config=None, variables=None, excluded: Sequence[str] = ()) -> None:
    """Writes the session that takes the next step as Keras would."""
    with opened(source, config) as file:
        sf.write(target, read(file, variables, excluded))


def read(file: KerasFile, variables=None, excluded: Sequence[str] = ()) -> sf.SessionFile:
    """The session of an open file."""
    serialized = optimizer_of(file)
    optimizer = ko.parse(file.path, serialized)
    tensors = [
        sf.Tensor(variable.path, variable.role, {sf.WEIGHTS: _array(file, variable.location)}, constraint=variable.constraint)
        for variable in keras_variables.read(file, variables)
    ]
    _exclude(file, optimizer, tensors, excluded)
    trainable = [tensor for tensor in tensors if tensor.is_trainable]
    numbers = _read_group(file, f"{OPTIMIZER_GROUP}/{VARS}", ko.all_places(optimizer, len(trainable)), trainable)
    if optimizer.scale is not None:
        # Keras writes the inner optimizer a second time, and loads this copy last.
        inner = f"{OPTIMIZER_GROUP}/{ko.INNER_GROUP}/{VARS}"
        if inner in file.weights:
            numbers.update(_read_group(file, inner, ko.adam_places(optimizer, len(trainable)), trainable))
    return sf.SessionFile(
        {"kerasConfigJson": json.dumps(serialized)},
        [_group(file, optimizer, numbers)],
        tensors,
        _loss_scale(optimizer, numbers),
        json.dumps(serialized),
    )


def _group(file: KerasFile, optimizer: ko.KerasOptimizer, numbers: dict) -> dict:
    iterations = int(numbers[ko.ITERATION])
    if not 0 <= iterations <= _ITERATIONS_MAX:
        raise ConvertError(file.path, "iteration", f"it is {iterations}; 0 to {_ITERATIONS_MAX} is possible")
    group = {"iterations": str(iterations)}
    if optimizer.has_rate_variable:
        # The rate that was stored is the one that Keras goes on with, whatever the configuration says.
        rate = np.float32(numbers[ko.LEARNING_RATE])
        if rate.tobytes() != np.float32(optimizer.adam["learning_rate"]).tobytes():
            group["learningRate"] = {"value": sf.number_to_json(rate)}
    return group


def _loss_scale(optimizer: ko.KerasOptimizer, numbers: dict):
    if optimizer.scale is None:
        return None
    return {"scale": sf.number_to_json(numbers[ko.DYNAMIC_SCALE]), "stepCounter": str(int(numbers[ko.STEP_COUNTER]))}


def _exclude(file: KerasFile, optimizer: ko.KerasOptimizer, tensors: List[sf.Tensor], excluded: Sequence[str]) -> None:
    names = {tensor.name: tensor for tensor in tensors}
    for name in excluded:
        if name not in names:
            raise ConvertError(file.path, name, f"no variable has this name, to be excluded from weight decay; there are {sorted(names)}")
        names[name].is_excluded_from_decay = True
    if optimizer.adam.get("weight_decay") is not None and not excluded:
        warn(
            f"{file.path}: weight_decay is {optimizer.adam['weight_decay']}, and Keras does not save what exclude_from_weight_decay was told; all "
            "variables will decay. Name those that must not with --exclude-from-weight-decay PATH"
        )


def _read_group(file: KerasFile, group: str, places: Sequence[ko.Place], trainable: Sequence[sf.Tensor]) -> dict:
    """Puts the slots into the tensors, and returns the counters."""
    found = file.weights.get(group)
    if found is None:
        raise ConvertError(file.path, group, "there is no such group: the model was saved without its optimizer's state")
    if len(found) != len(places) or any(str(i) not in found for i in range(len(places))):
        raise ConvertError(
            file.path,
            group,
            f"it has {len(found)} variables, and the settings and {len(trainable)} trainable variables make {len(places)}: the configuration is another "
            f"optimizer's, or variables were frozen or thawed since it was built",
        )
    numbers = {}
    for i, place in enumerate(places):
        location = f"{group}/{i}"
        array = _array(file, location, is_number=place.tensor is None)
        if place.tensor is None:
            if array.shape != ():
                raise ConvertError(file.path, location, f"'{place.kind}' is a single number; found {array.dtype} {list(array.shape)}")
            numbers[place.kind] = array[()]
            continue
        tensor = trainable[place.tensor]
        if (array.shape, array.dtype) != (tensor.weights.shape, tensor.weights.dtype):
            raise ConvertError(
                file.path,
                location,
                f"it should be {place.kind} of '{tensor.name}', {tensor.weights.dtype} {list(tensor.weights.shape)}; found {array.dtype} {list(array.shape)}",
            )
        tensor.slots[place.kind] = array
    return numbers


def _array(file: KerasFile, location: str, is_number: bool = False) -> np.ndarray:
    dataset = file.weights[location]
    if not hasattr(dataset, "dtype"):
        raise ConvertError(file.path, location, "it is a group, where an array should be")
    if not is_number and ("dtype" in dataset.attrs or dataset.dtype.newbyteorder("=") not in sf.DTYPES):
        raise ConvertError(file.path, location, f"it is {dataset.attrs.get('dtype', dataset.dtype)}; the service has float32 and float16 variables")
    return np.asarray(dataset[()])
