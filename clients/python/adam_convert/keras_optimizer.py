"""In which order Keras keeps the variables of an optimizer: the order is the file format, names are not stored."""

from typing import List, NamedTuple, Optional

from . import session_file as sf
from .errors import ConvertError

ITERATION, LEARNING_RATE = "iteration", "learning_rate"
STEP_COUNTER, DYNAMIC_SCALE = "step_counter", "dynamic_scale"
INNER_GROUP = "inner_optimizer"
_LOSS_SCALE_CLASS = "lossscaleoptimizer"
_ADAM_CLASSES = ("adam", "adamw")


class Place(NamedTuple):
    """What a variable of an optimizer is: a counter by its name, or a slot of a model variable by its number."""

    kind: str
    tensor: Optional[int] = None


class KerasOptimizer(NamedTuple):
    """A serialised optimizer: the Adam, and the loss scale around it if there is one."""

    adam: dict
    scale: Optional[dict]

    @property
    def name(self) -> str:
        """The name in the file's group."""
        return (self.scale or self.adam)["name"]

    @property
    def has_rate_variable(self) -> bool:
        """Whether the learning rate is a variable: it is none with a schedule or a callable."""
        return isinstance(self.adam["learning_rate"], (int, float))


def parse(path, serialized: dict) -> KerasOptimizer:
    """Takes a serialised optimizer apart. Others than Adam are refused."""
    kind, config = str(serialized.get("class_name")), serialized["config"]
    if kind.lower() == _LOSS_SCALE_CLASS:
        inner = config.get("inner_optimizer")
        if not isinstance(inner, dict) or not isinstance(inner.get("config"), dict):
            raise ConvertError(path, "optimizer", "the LossScaleOptimizer has no inner optimizer")
        return KerasOptimizer(parse(path, inner).adam, {"name": "loss_scale_optimizer", **config})
    if kind.lower() not in _ADAM_CLASSES:
        raise ConvertError(path, "optimizer", f"it is {kind}; Adam, AdamW, and LossScaleOptimizer around one of them can be converted")
    return KerasOptimizer({"name": "adam", "learning_rate": 0.001, **config}, None)


def adam_places(optimizer: KerasOptimizer, count: int) -> List[Place]:
    """The variables of the Adam itself for so many model variables."""
    config, tensors = optimizer.adam, range(count)
    places = [Place(ITERATION)]
    if optimizer.has_rate_variable:
        places.append(Place(LEARNING_RATE))
    if config.get("use_ema"):
        places += [Place(sf.AVERAGE, i) for i in tensors]
    if config.get("gradient_accumulation_steps"):
        places += [Place(sf.ACCUMULATOR, i) for i in tensors]
    for i in tensors:
        places += [Place(sf.FIRST_MOMENT, i), Place(sf.SECOND_MOMENT, i)]
    if config.get("amsgrad"):
        places += [Place(sf.MAX_SECOND_MOMENT, i) for i in tensors]
    return places


# What a LossScaleOptimizer has before the variables of its inner optimizer. Its own iteration stays 0, its own rate is never read.
SCALE_PLACES = [Place("unused_" + ITERATION), Place("unused_" + LEARNING_RATE), Place(STEP_COUNTER), Place(DYNAMIC_SCALE)]


def all_places(optimizer: KerasOptimizer, count: int) -> List[Place]:
    """All variables in the order of the group `optimizer/vars`."""
    return (SCALE_PLACES if optimizer.scale is not None else []) + adam_places(optimizer, count)
