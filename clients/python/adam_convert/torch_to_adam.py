"""From torch's state_dicts to the file of a session. Moments and steps carry over exactly; the rule by which they are used does not."""

import json
import pathlib
from typing import Dict, List, Optional, Tuple

import numpy as np

from . import session_file as sf
from . import torch_files
from .errors import ConvertError, warn

_SLOTS = {"exp_avg": sf.FIRST_MOMENT, "exp_avg_sq": sf.SECOND_MOMENT, "max_exp_avg_sq": sf.MAX_SECOND_MOMENT}
_KNOWN_TYPES = ("Float", "Half")
_BUFFER_NAMES = ("running_mean", "running_var", "num_batches_tracked")

EPSILON_WARNING = (
    "epsilon is not the same thing in torch and in Keras. torch adds it after bias correction: m_hat / (sqrt(v_hat) + eps). Keras and this service add it "
    "before: the same step is epsilon = eps * sqrt(1 - beta_2^t), which grows to eps. The number is carried over as it is; early steps differ where "
    "gradients are small (docs/interchange.md)"
)


def convert(model_path, optimizer_path, target, parameters=None, decay: Optional[str] = None) -> None:
    """Writes the session; everything that will not be as in torch is said."""
    model, optimizer = torch_files.load_model(model_path), torch_files.load_optimizer(optimizer_path)
    groups = optimizer["param_groups"]
    names, aliases = _names(model_path, optimizer_path, model, groups, parameters)
    tensors, steps = [], {}
    for index, group in enumerate(groups):
        _check_group(optimizer_path, index, group)
        for parameter in group["params"]:
            name = names[parameter]
            tensor, step = _tensor(optimizer_path, name, model[name], optimizer["state"].get(parameter), bool(group.get("amsgrad")))
            tensor.group, tensor.aliases = index, aliases.get(name, [])
            tensors.append(tensor)
            steps.setdefault(index, {}).setdefault(step, []).append(name)
    taken = {name for tensor in tensors for name in (tensor.name, *tensor.aliases)}
    tensors += _buffers(model_path, {name: value for name, value in model.items() if name not in taken})
    settings = [_settings(optimizer_path, index, group, decay) for index, group in enumerate(groups)]
    warn(EPSILON_WARNING)
    sf.write(
        target,
        sf.SessionFile(
            {"groups": settings, "updateRule": "UPDATE_RULE_KERAS_ADAM"},
            [{"iterations": str(_step(optimizer_path, index, steps.get(index, {0: []})))} for index in range(len(groups))],
            tensors,
            keras_config=_keras_config(settings[0]) if len(settings) == 1 else None,
        ),
    )


def _names(model_path, optimizer_path, model: dict, groups: List[dict], listed) -> Tuple[Dict[int, str], Dict[str, List[str]]]:
    """The name of each parameter, and further names of the same one."""
    first: Dict[tuple, str] = {}
    aliases: Dict[str, List[str]] = {}
    for name, value in model.items():
        if value.identity in first:
            aliases.setdefault(first[value.identity], []).append(name)
        else:
            first[value.identity] = name
    parameters = [parameter for group in groups for parameter in group["params"]]
    hint = "name them with --parameters FILE, a JSON array in the order of the optimizer's groups"
    if listed is not None:
        names = json.loads(pathlib.Path(listed).read_text())
    elif all("param_names" in group for group in groups):
        names = [name for group in groups for name in group["param_names"]]
    elif len(groups) == 1:
        names = [name for name in first.values() if not name.endswith(_BUFFER_NAMES)]
    else:
        raise ConvertError(optimizer_path, "param_groups", f"there are {len(groups)}, and torch keeps no names: {hint}")
    if len(names) != len(parameters) or len(set(names)) != len(names):
        raise ConvertError(optimizer_path, "param_groups", f"there are {len(parameters)} parameters, and {len(names)} names: {hint}")
    for name in names:
        if name not in model:
            raise ConvertError(model_path, str(name), f"the model has no such parameter; it has {list(model)}")
    return dict(zip(parameters, names)), {name: other for name, other in aliases.items() if name in names}


def _check_group(path, index: int, group: dict) -> None:
    place = f"param_groups[{index}]"
    if not {"lr", "betas", "eps", "weight_decay"} <= group.keys():
        raise ConvertError(path, place, f"it is not Adam's or AdamW's: it has {sorted(group)}")
    if group.get("maximize"):
        raise ConvertError(path, place, "maximize is set, and the service has no such thing: negate the gradients")


def _tensor(path, name: str, value, state: Optional[dict], amsgrad: bool) -> Tuple[sf.Tensor, int]:
    place = f"'{name}'"
    if value.dtype not in _KNOWN_TYPES:
        raise ConvertError(path, place, f"it is {value.dtype}; the service has float32 and float16 variables (Float, Half)")
    weights = value.array
    slots = {sf.WEIGHTS: weights}
    wanted = {key: slot for key, slot in _SLOTS.items() if amsgrad or slot != sf.MAX_SECOND_MOMENT}
    if not state:
        slots.update({slot: np.zeros_like(weights) for slot in wanted.values()})
        return sf.Tensor(name, sf.TRAINABLE, slots), 0
    for key, slot in wanted.items():
        stored = state.get(key)
        if not isinstance(stored, torch_files.TorchTensor) or (stored.shape, stored.dtype) != (value.shape, value.dtype):
            found = f"{stored.dtype} {list(stored.shape)}" if isinstance(stored, torch_files.TorchTensor) else stored
            mismatch = f"expected {key}, {value.dtype} {list(weights.shape)}; found {found}"
            raise ConvertError(path, place, f"{mismatch}: the names are in another order, or it is no Adam")
        slots[slot] = stored.array
    return sf.Tensor(name, sf.TRAINABLE, slots), int(state["step"])


def _buffers(path, rest: dict) -> List[sf.Tensor]:
    kept, left = [], []
    for name, value in rest.items():
        if value.dtype in _KNOWN_TYPES:
            kept.append(sf.Tensor(name, sf.BUFFER, {sf.WEIGHTS: value.array}))
        else:
            left.append(f"{name} ({value.dtype})")
    if left:
        warn(f"{path}: left out, because the service has no such type: {', '.join(left)}")
    if kept:
        warn(f"{path}: no parameters of the optimizer, taken as buffers: {', '.join(tensor.name for tensor in kept)}")
    return kept


def _settings(path, index: int, group: dict, decay: Optional[str]) -> dict:
    settings = {
        "learningRate": {"value": sf.number_to_json(float(group["lr"]))},
        "beta1": float(group["betas"][0]),
        "beta2": float(group["betas"][1]),
        "epsilon": float(group["eps"]),
        "amsgrad": bool(group.get("amsgrad")),
    }
    amount = float(group["weight_decay"])
    if amount == 0:
        return settings
    # Newer files say which of the two rules it is.
    kind = decay or ("decoupled" if group.get("decoupled_weight_decay") else None)
    if kind is None:
        raise ConvertError(
            path,
            f"param_groups[{index}]",
            f"weight_decay is {amount}. AdamW's is decoupled, as in Keras: say --decay decoupled. Adam's is an L2 term in the gradient, which Keras and the "
            "service do not have: add it to the gradients yourself, and say --decay none",
        )
    if kind == "none":
        warn(
            f"{path}: param_groups[{index}]: weight_decay {amount} is left out: whoever wants torch.optim.Adam's L2 term adds "
            "weight_decay * weights to the gradients"
        )
        return settings
    warn(
        f"{path}: param_groups[{index}]: weight_decay {amount} becomes Keras's: the weights lose (x * decay) * rate where torch.optim.AdamW "
        "multiplies by 1 - rate * decay"
    )
    return {**settings, "weightDecay": amount}


def _step(path, index: int, steps: Dict[int, List[str]]) -> int:
    if len(steps) > 1:
        shown = "; ".join(f"{step}: {', '.join(names[:3])}{', …' if len(names) > 3 else ''}" for step, names in sorted(steps.items()))
        why = f"its parameters have taken different numbers of steps, and a group of the service has one count ({shown})"
        raise ConvertError(path, f"param_groups[{index}]", why)
    return next(iter(steps))


def _keras_config(settings: dict) -> str:
    config = {
        "name": "adam",
        "learning_rate": float(np.float32(settings["learningRate"]["value"])),
        "weight_decay": settings.get("weightDecay"),
        "clipnorm": None,
        "global_clipnorm": None,
        "clipvalue": None,
        "use_ema": False,
        "ema_momentum": 0.99,
        "ema_overwrite_frequency": None,
        "loss_scale_factor": None,
        "gradient_accumulation_steps": None,
        "beta_1": settings["beta1"],
        "beta_2": settings["beta2"],
        "epsilon": settings["epsilon"],
        "amsgrad": settings["amsgrad"],
    }
    return json.dumps({"module": "keras.optimizers", "class_name": "Adam", "config": config, "registered_name": None})
