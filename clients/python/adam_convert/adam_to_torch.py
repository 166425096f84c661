"""From the file of a session to torch's state_dicts."""

import collections
import json
import re
from typing import List, Optional, Tuple

import numpy as np

from . import keras_optimizer as ko
from . import session_file as sf
from . import torch_files
from .errors import ConvertError, warn
from .torch_to_adam import EPSILON_WARNING

_STATE = {sf.FIRST_MOMENT: "exp_avg", sf.SECOND_MOMENT: "exp_avg_sq", sf.MAX_SECOND_MOMENT: "max_exp_avg_sq"}


def convert(source, model_path, optimizer_path, learning_rate: Optional[float] = None) -> None:
    """Writes both files; everything that torch does not have is said."""
    session = sf.read(source)
    settings, accumulation = _settings(source, session)
    _say_what_is_lost(source, session, settings, accumulation)
    library = torch_files.torch()
    state, groups, model = {}, [], collections.OrderedDict()
    for index, group in enumerate(settings):
        rate = learning_rate if learning_rate is not None else _rate(source, session.groups[index], group)
        step = int(session.groups[index].get("iterations", 0)) // max(1, accumulation)
        members = [tensor for tensor in session.trainable if tensor.group == index]
        for decay, tensors in _by_decay(group, members):
            parameters = list(range(len(state), len(state) + len(tensors)))
            groups.append(_group(group, rate, decay, parameters))
            for parameter, tensor in zip(parameters, tensors):
                state[parameter] = {
                    "step": library.tensor(float(step)),
                    **{key: _tensor(tensor.slots[slot]) for slot, key in _STATE.items() if slot in tensor.slots},
                }
    for tensor in session.tensors:
        for name in (tensor.name, *tensor.aliases):
            model[name] = _tensor(tensor.weights)
    # A parameter that has taken no step has no state in torch.
    state = {parameter: slots for parameter, slots in state.items() if slots["step"] > 0}
    warn(EPSILON_WARNING)
    torch_files.save(model_path, model)
    torch_files.save(optimizer_path, {"state": state, "param_groups": groups})


def _settings(source, session: sf.SessionFile) -> Tuple[List[dict], int]:
    """The groups as the record has them, and how many batches make an update."""
    optimizer = session.optimizer
    if optimizer.get("groups"):
        return optimizer["groups"], int(optimizer.get("gradientAccumulationSteps", 0))
    if not optimizer.get("kerasConfigJson"):
        return [{}], 0
    adam = ko.parse(source, json.loads(optimizer["kerasConfigJson"])).adam
    rate = adam["learning_rate"]
    group = {
        "learningRate": {"value": rate} if isinstance(rate, (int, float)) else {"schedule": rate},
        "beta1": adam.get("beta_1", 0.9),
        "beta2": adam.get("beta_2", 0.999),
        "epsilon": adam.get("epsilon", 1e-7),
        "amsgrad": bool(adam.get("amsgrad")),
        "useEma": bool(adam.get("use_ema")),
    }
    group.update({name: adam[key] for name, key in (("weightDecay", "weight_decay"), *_CLIPS.items()) if adam.get(key) is not None})
    return [group], int(adam.get("gradient_accumulation_steps") or 0)


_CLIPS = {"clipnorm": "clipnorm", "globalClipnorm": "global_clipnorm", "clipvalue": "clipvalue"}


def _rate(source, state: dict, group: dict) -> float:
    rate = state.get("learningRate") or group.get("learningRate") or {"value": 0.001}
    if "value" not in rate:
        why = "it is a schedule, or comes with every step; torch has an object of its own for that: give --learning-rate NUMBER"
        raise ConvertError(source, "learning_rate", why)
    return float(np.float32(rate["value"]))


def _by_decay(group: dict, members: List[sf.Tensor]):
    """torch says for a whole group whether it decays: what is excluded becomes a group of its own."""
    amount = float(group.get("weightDecay", 0))
    patterns = "|".join(group.get("excludeFromWeightDecay", []))
    excluded = [t for t in members if t.is_excluded_from_decay or (patterns and re.search(patterns, t.name.rpartition("/")[2]))] if amount else []
    decayed = [tensor for tensor in members if tensor not in excluded]
    return [part for part in ((amount, decayed), (0.0, excluded)) if part[1]]


def _group(group: dict, rate: float, decay: float, parameters: List[int]) -> dict:
    return {
        "lr": rate,
        "betas": (float(group.get("beta1", 0.9)), float(group.get("beta2", 0.999))),
        "eps": float(group.get("epsilon", 1e-7)),
        "weight_decay": decay,
        "amsgrad": bool(group.get("amsgrad", False)),
        "maximize": False,
        "foreach": None,
        "capturable": False,
        "differentiable": False,
        "fused": None,
        "decoupled_weight_decay": decay != 0,
        "params": parameters,
    }


def _say_what_is_lost(source, session: sf.SessionFile, settings: List[dict], accumulation: int) -> None:
    if any(sf.ROW_STEPS in tensor.slots for tensor in session.tensors):
        raise ConvertError(source, "row_steps", "torch.optim.Adam counts no steps of single rows")
    if any(np.any(tensor.slots.get(sf.ACCUMULATOR, np.zeros(1))) for tensor in session.tensors):
        raise ConvertError(source, "accumulator", "a window of accumulation is unfinished, and torch's optimizers keep none: finish it first")
    lost = []
    if accumulation:
        lost.append(f"gradient_accumulation_steps {accumulation}")
    if any(group.get("useEma") for group in settings):
        lost.append("the averages of use_ema")
    lost += [f"{name} {group[name]}" for group in settings for name in _CLIPS if name in group]
    if session.loss_scale is not None or "lossScale" in session.optimizer:
        lost.append("the loss scale")
    if any(tensor.constraint for tensor in session.tensors):
        lost.append("constraints")
    if lost:
        warn(f"{source}: torch's Adam has no such thing, it stays behind: {', '.join(lost)}")
    if any(float(group.get("weightDecay", 0)) for group in settings):
        warn(f"{source}: weight_decay is decoupled: load the state into torch.optim.AdamW; torch.optim.Adam would take it for an L2 term")


def _tensor(array: np.ndarray):
    return torch_files.torch().from_numpy(np.array(array))
