"""A golden training run that begins with a loaded state, written into the file that Keras would have saved."""

import base64
import json
import pathlib
from typing import List

import h5py
import numpy as np

from repository import GOLDEN

SLOTS = {"variables": "", "m": "/m", "v": "/v", "vhat": "/vhat", "average": "/average", "accumulator": "/accumulator"}


class GoldenKerasCase:
    """One case: its files in a folder, its gradients, and what Keras had after each step."""

    def __init__(self, name: str):
        self._json = json.loads((GOLDEN / "public" / f"{name}.json").read_text())
        self.variables = self._json["variables"]
        self.steps = self._json["steps"]
        self.shapes = [tuple(variable["shape"]) for variable in self.variables]

    def write(self, folder: pathlib.Path) -> List[str]:
        """Writes the .weights.h5, its configuration and the list of its variables; returns the converter's arguments for them."""
        with h5py.File(folder / "case.weights.h5", "w") as file:
            self._write_numbers(file, "optimizer", self._json["load_state"], "")
            if self._json["optimizer"] == "LossScaleOptimizer":
                # What Keras writes a second time.
                inner = list(self._json["load_state"].values())[4:]
                self._write_numbers(file, "optimizer/inner_optimizer", {str(i): entry for i, entry in enumerate(inner)}, "")
            owners = {}
            for variable in self.variables:
                owners.setdefault(variable["path"].rpartition("/")[0], []).append(variable)
            for owner, owned in owners.items():
                entries = {str(i): {**variable, "data": variable["initial"]} for i, variable in enumerate(owned)}
                self._write_numbers(file, f"layers/{owner}" if owner else "", entries, owner)
        (folder / "config.json").write_text(json.dumps(self._optimizer()))
        # What belongs to no layer is found by its place, the rest by the names that groups have.
        listed = [{"path": v["path"], **({} if "/" in v["path"] else {"location": "vars/0"})} for v in self.variables]
        (folder / "variables.json").write_text(json.dumps(listed))
        return [folder / "case.weights.h5", "--config", folder / "config.json", "--variables", folder / "variables.json"]

    def gradients(self, step: dict) -> List[np.ndarray]:
        """The gradients of a step."""
        return [_decode(data, "float32", shape) for data, shape in zip(step["gradients"], self.shapes)]

    def expected(self, step: dict, kind: str) -> List[np.ndarray]:
        """What Keras had after a step."""
        return [_decode(data, "float32", shape) for data, shape in zip(step["expected"][kind], self.shapes)]

    def _optimizer(self) -> dict:
        config = json.loads(json.dumps(self._json["config"]))
        adam, given = config, self._json["constructor_args"]
        if "inner_optimizer" in config:
            adam, given = config["inner_optimizer"]["config"], given["inner"]
        if isinstance(given["learning_rate"], float):
            # The optimizer was made with another rate than the one that it loaded.
            adam["learning_rate"] = given["learning_rate"]
        return {"module": "keras.optimizers", "class_name": self._json["optimizer"], "config": config, "registered_name": None}

    @staticmethod
    def _write_numbers(file, group: str, entries: dict, name: str) -> None:
        numbers = file.require_group(f"{group}/vars" if group else "vars")
        numbers.attrs["name"] = name
        for key, entry in entries.items():
            numbers[key] = _decode(entry["data"], entry["dtype"], entry["shape"])


def _decode(data: str, dtype: str, shape) -> np.ndarray:
    return np.frombuffer(base64.b64decode(data), np.dtype(dtype).newbyteorder("<")).reshape(shape)
