"""Which variables a model has, in Keras's order, and where its file has them.

Keras stores no names of variables. They follow from the configuration for the layers in the table below; for every other model the caller lists them.
"""

import json
import pathlib
import re
from typing import Dict, List, NamedTuple, Optional, Sequence

from . import session_file as sf
from .errors import ConvertError, warn
from .keras_files import VARS, KerasFile

LIST_HINT = (
    "list the model's variables with --variables FILE, written by Keras: "
    "json.dump([[v.path, v.trainable] for v in model.weights], open(FILE, 'w'))"
)


class Variable(NamedTuple):
    """A variable of the model."""

    path: str
    location: str
    role: str
    constraint: Optional[dict] = None


def read(file: KerasFile, list_path) -> List[Variable]:
    """The variables of the model in the file."""
    if list_path is not None:
        return _listed(file, pathlib.Path(list_path))
    if file.config is None or "layers" not in file.config.get("config", {}):
        raise ConvertError(file.path, "", f"the names of the variables follow from a model's configuration (--config), and there is none; or {LIST_HINT}")
    model, variables = file.config, []
    kind = model.get("class_name")
    if kind not in _CONTAINERS:
        raise ConvertError(file.path, "config.json", f"the model is a {kind}, whose variables do not follow from its configuration; {LIST_HINT}")
    # A Sequential builds its layers within the scope of its name, a Functional was handed layers that were built before.
    prefix = f"{model['config']['name']}/" if kind == "Sequential" else ""
    _walk(file, model, "", prefix, model["config"].get("trainable", True), variables)
    paths = [variable.path for variable in variables]
    for path in paths:
        if paths.count(path) > 1:
            raise ConvertError(file.path, path, f"two variables would have this name; {LIST_HINT}")
    return variables


# --- from the configuration -----------------------------------------------------------------------------------------------------

_CONTAINERS = ("Sequential", "Functional")


def _with_bias(*names: str):
    return lambda config: [*names, *(["bias"] if config.get("use_bias", True) else [])]


def _norm(config):
    return [*(["gamma"] if config.get("scale", True) else []), *(["beta"] if config.get("center", True) else [])]


# What a layer adds that can be trained, in the order in which it adds it.
_TRAINABLE = {
    "Dense": _with_bias("kernel"),
    "EinsumDense": lambda config: ["kernel", *(["bias"] if config.get("bias_axes") else [])],
    **{f"Conv{rank}D": _with_bias("kernel") for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": _with_bias("kernel") for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": _with_bias("kernel") for rank in (1, 2)},
    **{f"SeparableConv{rank}D": _with_bias("depthwise_kernel", "pointwise_kernel") for rank in (1, 2)},
    "Embedding": lambda config: ["embeddings"],
    "BatchNormalization": _norm,
    "LayerNormalization": _norm,
    "GroupNormalization": _norm,
    "PReLU": lambda config: ["alpha"],
}

# And what is written by the forward pass alone.
_BUFFERS = {"BatchNormalization": ["moving_mean", "moving_variance"]}


def _walk(file: KerasFile, model: dict, location: str, prefix: str, is_trainable: bool, variables: List[Variable]) -> None:
    used: Dict[str, int] = {}
    for layer in model["config"]["layers"]:
        kind, config = layer["class_name"], layer["config"]
        group = _snake_case(kind)
        used[group] = used.get(group, -1) + 1
        group = f"{location}layers/{group}_{used[group]}" if used[group] else f"{location}layers/{group}"
        name, trains = config.get("name", ""), is_trainable and config.get("trainable", True)
        if kind in _CONTAINERS:
            _walk(file, layer, f"{group}/", f"{prefix}{name}/", trains, variables)
        else:
            variables += _layer(file, kind, config, group, f"{prefix}{name}", trains)


def _layer(file: KerasFile, kind: str, config: dict, group: str, path: str, trains: bool) -> List[Variable]:
    trainable = _TRAINABLE[kind](config) if kind in _TRAINABLE else []
    buffers = _BUFFERS.get(kind, [])
    stored = _datasets(file, group)
    if kind not in _TRAINABLE and stored:
        raise ConvertError(file.path, stored[0], f"the names of the variables of a {kind} are not known here; {LIST_HINT}")
    expected = [f"{group}/{VARS}/{i}" for i in range(len(trainable) + len(buffers))]
    if sorted(stored) != sorted(expected):
        raise ConvertError(
            file.path, f"{group}/{VARS}", f"layer '{config.get('name')}' ({kind}) should have {len(expected)} variables, and {len(stored)} are stored: {stored}"
        )
    if expected and file.weights[f"{group}/{VARS}"].attrs.get("name", config.get("name")) != config.get("name"):
        raise ConvertError(file.path, f"{group}/{VARS}", f"it belongs to layer '{file.weights[f'{group}/{VARS}'].attrs['name']}', not '{config.get('name')}'")
    return [
        Variable(f"{path}/{name}", place, sf.BUFFER if name in buffers else sf.TRAINABLE if trains else sf.FROZEN, _constraint(file, config, path, name))
        for name, place in zip([*trainable, *buffers], expected)
    ]


def _datasets(file: KerasFile, group: str) -> List[str]:
    found = []
    if group in file.weights:
        # States of random seeds are no weights: they stay in the file.
        file.weights[group].visititems(
            lambda name, item: found.append(f"{group}/{name}") if hasattr(item, "dtype") and "seed_generator" not in name else None
        )
    return found


def _constraint(file: KerasFile, config: dict, path: str, name: str) -> Optional[dict]:
    found = config.get(f"{name}_constraint") or config.get(f"{name.replace('_kernel', '')}_constraint")
    if not found:
        return None
    kind, arguments = (found.get("class_name"), found.get("config", {})) if isinstance(found, dict) else (found, {})
    if kind == "NonNeg":
        return {"nonNeg": {}}
    if kind == "MaxNorm" and isinstance(arguments.get("axis", 0), int):
        return {"maxNorm": {"maxValue": arguments.get("max_value", 2), "axis": str(arguments.get("axis", 0))}}
    raise ConvertError(file.path, f"{path}/{name}", f"the service has no constraint {found}; NonNeg, and MaxNorm along one axis, it has")


def _snake_case(name: str) -> str:
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


# --- from a list ------------------------------------------------------------------------------------------------------------------


def _listed(file: KerasFile, list_path: pathlib.Path) -> List[Variable]:
    try:
        entries = [_entry(entry) for entry in json.loads(list_path.read_text())]
    except (ValueError, TypeError, KeyError, AttributeError) as invalid:
        raise ConvertError(list_path, "", f"expected [[PATH, TRAINABLE], …] or [{{\"path\": …, \"trainable\": …, \"location\": …}}, …]: {invalid}") from None
    places = _places_by_owner(file, [entry for entry in entries if entry["location"] is None])
    variables = [
        Variable(entry["path"], entry["location"] or places[entry["path"]], sf.TRAINABLE if entry["trainable"] else sf.BUFFER, entry["constraint"])
        for entry in entries
    ]
    for variable in variables:
        if variable.location not in file.weights:
            raise ConvertError(file.path, variable.location, f"there is nothing here, where '{variable.path}' should be")
    if file.config is not None and re.search(r'_constraint": [{"]', json.dumps(file.config)) and not any(entry["constraint"] for entry in entries):
        warn(f"{file.path}: the model has constraints, and {list_path} gives none to any variable: the next steps will not apply them")
    return variables


def _entry(entry) -> dict:
    found = entry if isinstance(entry, dict) else dict(zip(("path", "trainable"), entry))
    return {
        "path": str(found["path"]),
        "trainable": bool(found.get("trainable", True)),
        "location": found.get("location"),
        "constraint": found.get("constraint"),
    }


def _places_by_owner(file: KerasFile, entries: Sequence[dict]) -> Dict[str, str]:
    # A group `vars` has the name of the layer whose variables it holds, first those that can be trained.
    groups: Dict[str, List[str]] = {}
    file.weights.visititems(
        lambda name, item: groups.setdefault(item.attrs["name"], []).append(name)
        if name.rsplit("/")[-1] == VARS and "name" in item.attrs and len(item) and not name.startswith("optimizer/")
        else None
    )
    owners: Dict[str, List[dict]] = {}
    for entry in entries:
        owners.setdefault(entry["path"].rpartition("/")[0], []).append(entry)
    places = {}
    for owner, owned in owners.items():
        name = owner.rpartition("/")[2]
        found = groups.get(name, [])
        if len(found) != 1 or len(file.weights[found[0]]) != len(owned):
            raise ConvertError(
                file.path,
                owned[0]["path"],
                f"its layer '{name}' has {len(owned)} variables, and the file has them in {[f'{group} ({len(file.weights[group])})' for group in found]}; "
                "say where each variable is (location)",
            )
        owned = sorted(owned, key=lambda entry: not entry["trainable"])
        places.update({entry["path"]: f"{found[0]}/{i}" for i, entry in enumerate(owned)})
    return places
