"""Keras's own files: `.keras` archives and `.weights.h5`, read and written. What lies where in them is in docs/interchange.md."""

import contextlib
import io
import json
import os
import pathlib
import zipfile
from typing import Iterator, NamedTuple, Optional

from .errors import ConvertError

WEIGHTS_ENTRY = "model.weights.h5"
CONFIG_ENTRY = "config.json"
ARCHIVE_SUFFIX, WEIGHTS_SUFFIX = ".keras", ".weights.h5"
OPTIMIZER_GROUP = "optimizer"
VARS = "vars"

# Of groups in groups, which models within models make.
_DEPTH_MAX = 100


class KerasFile(NamedTuple):
    """An open file: the weights, and the model's configuration where there is one."""

    path: pathlib.Path
    weights: "h5py.File"  # noqa: F821
    config: Optional[dict]


def h5py():
    """The library, which only Keras's files need."""
    try:
        import h5py as library
    except ImportError:
        raise ConvertError("h5py", "", "it is not installed, and Keras's files need it (Debian: python3-h5py)") from None
    return library


@contextlib.contextmanager
def opened(path, config_path=None) -> Iterator[KerasFile]:
    """Opens a file. A configuration beside it takes the place of the one in it."""
    path = pathlib.Path(path)
    config = None if config_path is None else read_config(config_path)
    with contextlib.ExitStack() as stack:
        if is_archive(path):
            archive = stack.enter_context(_open_archive(path))
            config = config or _parse(path, CONFIG_ENTRY, archive.read(CONFIG_ENTRY))
            stream = stack.enter_context(archive.open(WEIGHTS_ENTRY))
        else:
            stream = stack.enter_context(path.open("rb"))
        try:
            weights = stack.enter_context(h5py().File(stream, "r"))
        except OSError as invalid:
            raise ConvertError(path, WEIGHTS_ENTRY if is_archive(path) else "", f"it is no HDF5 file, or cut: {invalid}") from None
        try:
            _refuse_old_layouts(path, weights)
            _refuse_what_lies_elsewhere(path, weights, "")
            yield KerasFile(path, weights, config)
        except ConvertError:
            raise
        except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as damaged:
            # What HDF5 makes of a damaged file is any of these.
            raise ConvertError(path, WEIGHTS_ENTRY if is_archive(path) else "", f"it is damaged: {type(damaged).__name__}: {damaged}") from None


def is_archive(path) -> bool:
    """Whether the name says that it is a `.keras` archive; only `.weights.h5` is possible beside it."""
    name = pathlib.Path(path).name
    if not name.endswith((ARCHIVE_SUFFIX, WEIGHTS_SUFFIX)):
        raise ConvertError(path, "", f"the names of Keras's files end with {ARCHIVE_SUFFIX} or {WEIGHTS_SUFFIX}")
    return name.endswith(ARCHIVE_SUFFIX)


def read_config(path) -> dict:
    """A configuration: the config.json of an archive, or an optimizer as `keras.optimizers.serialize` has it."""
    return _parse(path, "", pathlib.Path(path).read_bytes())


def optimizer_of(file: KerasFile) -> dict:
    """The serialised optimizer."""
    if file.config is None:
        raise ConvertError(
            file.path,
            "",
            "a .weights.h5 has the numbers of an optimizer and none of its settings; give them with --config FILE, the config.json of a .keras archive "
            "or json.dumps(keras.optimizers.serialize(model.optimizer))",
        )
    found = file.config if "compile_config" not in file.config and "layers" not in file.config.get("config", {}) else None
    if found is None:
        found = (file.config.get("compile_config") or {}).get("optimizer")
    if not isinstance(found, dict) or not isinstance(found.get("config"), dict):
        raise ConvertError(file.path, "compile_config.optimizer", f"the model was compiled with no optimizer that can be read; found {found!r}")
    return found


@contextlib.contextmanager
def new_weights(path, template, optimizer: dict) -> Iterator["h5py.File"]:  # noqa: F821
    """The weights of a new file, to be filled; the file appears when they are whole."""
    with _replacing(path) as temporary:
        if not is_archive(path):
            with h5py().File(temporary, "w") as weights:
                yield weights
        else:
            stream = io.BytesIO()
            with h5py().File(stream, "w") as weights:
                yield weights
            _write_archive(temporary, template, stream.getvalue(), optimizer)


def _write_archive(path, template, weights: bytes, optimizer: dict) -> None:
    """The template with other weights and another optimizer; entries that stay the same keep their bytes."""
    with _open_archive(template) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == WEIGHTS_ENTRY:
                data = weights
            elif entry.filename == CONFIG_ENTRY:
                config = _parse(template, CONFIG_ENTRY, data)
                if not config.get("compile_config"):
                    raise ConvertError(template, "compile_config", "the model was never compiled: Keras would not load an optimizer's state into it")
                if config["compile_config"].get("optimizer") != optimizer:
                    config["compile_config"]["optimizer"] = optimizer
                    data = json.dumps(config).encode()
            new.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), data)


@contextlib.contextmanager
def _replacing(path):
    path = pathlib.Path(path)
    temporary = path.with_name(path.name + ".partial")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _open_archive(path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as invalid:
        raise ConvertError(path, "", f"it is no .keras archive, or cut: {invalid}") from None
    for name in (CONFIG_ENTRY, WEIGHTS_ENTRY):
        if name not in archive.namelist():
            archive.close()
            raise ConvertError(path, name, "the archive has no such entry")
    # The checksums of the archive are compared here: HDF5 itself has none.
    try:
        damaged = archive.testzip()
    except Exception as invalid:  # A damaged archive can fail in any way that decompression can.
        archive.close()
        raise ConvertError(path, "", f"the archive is damaged: {invalid}") from None
    if damaged is not None:
        archive.close()
        raise ConvertError(path, damaged, "the entry is damaged: its CRC-32 is another one")
    return archive


def _parse(path, place: str, text: bytes) -> dict:
    try:
        config = json.loads(text)
    except ValueError as invalid:
        raise ConvertError(path, place, f"it is no JSON: {invalid}") from None
    if not isinstance(config, dict):
        raise ConvertError(path, place, "it is no JSON object")
    return config


def _refuse_old_layouts(path, weights) -> None:
    if "_layer_checkpoint_dependencies" in weights:
        raise ConvertError(path, "_layer_checkpoint_dependencies", "this is the layout of TensorFlow 2.13 and before; load it into Keras 3 and save it again")
    if "layer_names" in weights.attrs or "model_weights" in weights:
        raise ConvertError(path, "", "this is the .h5 of Keras 2; load it into Keras 3 and save it again")


def _refuse_what_lies_elsewhere(path, group, place: str) -> None:
    # A file of somebody else could have any file of this machine read into the result, or claim arrays that no memory holds.
    if place.count("/") > _DEPTH_MAX:
        raise ConvertError(path, place, f"groups are more than {_DEPTH_MAX} deep, or lie in themselves")
    for name in group:
        link, where = group.get(name, getlink=True), f"{place}{name}"
        if not isinstance(link, h5py().HardLink):
            raise ConvertError(path, where, f"it is a link to {getattr(link, 'filename', 'another place')}, which Keras never writes")
        item = group[name]
        if not hasattr(item, "dtype"):
            _refuse_what_lies_elsewhere(path, item, f"{where}/")
        elif item.external or item.is_virtual:
            raise ConvertError(path, where, "its elements are in other files, which Keras never writes")
        elif item.nbytes > max(item.id.get_storage_size(), 0):
            raise ConvertError(path, where, f"it claims {item.nbytes} bytes, and {item.id.get_storage_size()} are there")
