"""Keras's own files, through the converter and through the service, and back: bit for bit."""

import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

import h5py
import numpy as np

from bits import assert_same_bits
from converter import assert_refused, convert, crc32c, session_file
from golden_keras_case import SLOTS, GoldenKerasCase
from keras_adam import AdamOptions, KerasAdam
from plain_safetensors import read_file
from repository import CLIENTS, GOLDEN
from service_test_case import CALL_SECONDS_MAX, ServiceTestCase
from session_calls import export_session, get_session, import_session, read_tensors, step_request

SAVED = GOLDEN / "extra" / "saved"
SAVED_NAMES = ("adam", "adam_amsgrad_ema_accum_schedule", "loss_scale_adam")
RESUMED = ("43_resume_plain", "44_resume_mid_accumulation", "45_resume_lso")


class FolderTestCase(unittest.TestCase):
    """Each test has a folder."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="adam-convert-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.session_file = self.folder / "session.safetensors"

    def config_of(self, name):
        """The config.json of an archive as a file of its own."""
        path = self.folder / f"{name}.config.json"
        with zipfile.ZipFile(SAVED / f"{name}.keras") as archive:
            path.write_bytes(archive.read("config.json"))
        return path

    def blank(self, name):
        """An archive of the same model whose numbers are all zero, compiled with another optimizer."""
        path, weights = self.folder / f"blank-{name}.keras", self.folder / "blank.h5"
        with zipfile.ZipFile(SAVED / f"{name}.keras") as archive, zipfile.ZipFile(path, "w") as copy:
            weights.write_bytes(archive.read("model.weights.h5"))
            with h5py.File(weights, "r+") as file:
                file.visititems(lambda _, item: item.write_direct(np.zeros_like(item[()])) if isinstance(item, h5py.Dataset) else None)
            config = json.loads(archive.read("config.json"))
            config["compile_config"]["optimizer"] = {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": 0.5}}
            changed = {"model.weights.h5": weights.read_bytes(), "config.json": json.dumps(config)}
            for entry in archive.infolist():
                data = changed.get(entry.filename, archive.read(entry))
                copy.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), data)
        return path


class KerasFileTests(FolderTestCase):
    def test_numbers_are_those_that_keras_lists(self):
        for name in SAVED_NAMES:
            for suffix in (".keras", ".weights.h5"):
                with self.subTest(name=name, suffix=suffix):
                    extra = [] if suffix == ".keras" else ["--config", self.config_of(name)]
                    convert("keras-to-adam", SAVED / f"{name}{suffix}", self.session_file, *extra)
                    listed = json.loads((SAVED / f"{name}.json").read_text())
                    metadata, arrays = read_file(self.session_file.read_bytes())
                    for variable in listed["trainable_variables"]:
                        self.assertEqual(base64.b64decode(variable["data"]), arrays.pop(variable["path"]).tobytes())
                    # Averages, accumulators and so on under their names, which carry the paths with "_" for "/".
                    kinds = {"m": "momentum", "v": "velocity", "vhat": "velocity_hat", "average": "average", "accumulator": "gradient_accumulator"}
                    numbers = {variable["name"]: variable["data"] for variable in listed["optimizer_variables"]}
                    for array_name, array in arrays.items():
                        path, _, slot = array_name.rpartition("/")
                        self.assertEqual(base64.b64decode(numbers.pop(f"{path.replace('/', '_')}_{kinds[slot]}")), array.tobytes(), array_name)
                    self.assertLessEqual(set(numbers), {"iteration", "learning_rate", "step_counter", "dynamic_scale"})
                    state = json.loads(metadata["adam.state"])
                    self.assertEqual("3", state["groups"][0]["iterations"])
                    self.assertEqual(listed["optimizer_config_in_config_json"], json.loads(metadata["keras_config"]))

    def test_way_back_has_the_bytes_that_keras_wrote(self):
        for name in SAVED_NAMES:
            with self.subTest(name=name):
                convert("keras-to-adam", SAVED / f"{name}.keras", self.session_file)
                archive, weights = self.folder / "back.keras", self.folder / "back.weights.h5"

                convert("adam-to-keras", self.session_file, archive, "--template", self.blank(name))
                convert(
                    "adam-to-keras", self.session_file, weights, "--template", SAVED / f"{name}.weights.h5", "--config", self.config_of(name)
                )

                # The structure is Keras's whatever version of HDF5 is at hand; with the one that wrote the golden files so is every byte.
                self.assert_same_structure(SAVED / f"{name}.weights.h5", weights)
                self.assertEqual((SAVED / f"{name}.weights.h5").read_bytes(), weights.read_bytes())
                self.assertEqual((SAVED / f"{name}.keras").read_bytes(), archive.read_bytes())

    def test_optimizer_alone_has_the_layout_of_keras(self):
        for name in SAVED_NAMES:
            with self.subTest(name=name):
                convert("keras-to-adam", SAVED / f"{name}.keras", self.session_file)
                target = self.folder / "optimizer.weights.h5"

                said = convert("adam-to-keras", self.session_file, target)

                self.assertIn("the optimizer's variables alone", said)
                self.assert_same_structure(SAVED / f"{name}.weights.h5", target, "optimizer")

    def test_files_of_golden_cases_come_back(self):
        for name in RESUMED:
            with self.subTest(name=name):
                source, *options = GoldenKerasCase(name).write(self.folder)
                target = self.folder / "back.weights.h5"

                convert("keras-to-adam", source, self.session_file, *options)
                convert("adam-to-keras", self.session_file, target, "--template", source, *options)

                self.assert_same_numbers(source, target)

    def test_what_cannot_be_converted_is_refused_with_its_place(self):
        weights = SAVED / "adam.weights.h5"
        assert_refused(self, "none of its settings", "keras-to-adam", weights, self.session_file)
        other = self.config_of("adam_amsgrad_ema_accum_schedule")
        assert_refused(self, "optimizer/vars: it has 10 variables", "keras-to-adam", weights, self.session_file, "--config", other)
        self.assert_changed_is_refused(weights, "there is no such group", lambda file: file.pop("optimizer"))
        self.assert_changed_is_refused(weights, "layer 'd1' (Dense) should have 2 variables", lambda file: file.pop("layers/dense/vars/1"))
        self.assert_changed_is_refused(weights, "optimizer/vars: it has 9 variables", lambda file: file.pop("optimizer/vars/9"))
        self.assert_changed_is_refused(weights, "optimizer/vars/4: it should be SLOT_FIRST_MOMENT of 'seq/d1/bias'", self.widen("optimizer/vars/4"))
        self.assert_changed_is_refused(weights, "optimizer/vars/0: 'iteration' is a single number", self.widen("optimizer/vars/0"))
        self.assert_changed_is_refused(weights, "float64", self.widen("layers/dense/vars/0", np.zeros((3, 2))))
        self.assert_changed_is_refused(weights, "it is -1", self.widen("optimizer/vars/0", np.int32(-1)))
        self.assert_changed_is_refused(weights, "it belongs to layer 'x'", lambda file: file["layers/dense/vars"].attrs.modify("name", "x"))
        self.assertFalse(self.session_file.exists())
        assert_refused(self, "end with .keras or .weights.h5", "keras-to-adam", SAVED / "adam.json", self.session_file)

    def test_files_that_refer_to_others_are_refused(self):
        weights, place = SAVED / "adam.weights.h5", "layers/dense/vars/0"
        secret = self.folder / "secret"
        secret.write_bytes(bytes(24))

        def external(file):
            file.pop(place)
            file.create_dataset(place, (3, 2), np.float32, external=[(str(secret), 0, 24)])

        def linked(file):
            file.pop(place)
            file[place] = h5py.ExternalLink(str(secret), "/x")

        def unwritten(file):
            file.pop(place)
            file.create_dataset(place, (1 << 20, 1 << 20), np.float32)

        def cyclic(file):
            file["layers/dense/again"] = h5py.SoftLink("/layers")

        def endless(file):
            file["layers/dense/again"] = file["layers"]

        self.assert_changed_is_refused(weights, f"{place}: its elements are in other files", external)
        self.assert_changed_is_refused(weights, f"{place}: it is a link to {secret}", linked)
        self.assert_changed_is_refused(weights, f"{place}: it claims 4398046511104 bytes, and 0 are there", unwritten)
        self.assert_changed_is_refused(weights, "layers/dense/again: it is a link", cyclic)
        self.assert_changed_is_refused(weights, "or lie in themselves", endless)

    def test_other_optimizers_and_layers_are_refused(self):
        config = json.loads(self.config_of("adam").read_text())
        config["compile_config"]["optimizer"]["class_name"] = "Nadam"
        self.assert_config_is_refused(config, "it is Nadam")
        config = json.loads(self.config_of("adam").read_text())
        config["config"]["layers"][1]["class_name"] = "Dense2"
        self.assert_config_is_refused(config, "layers/dense/vars: it belongs to layer 'd1', not 'd2'")
        config = json.loads(self.config_of("adam").read_text())
        config["config"]["layers"][1]["config"]["kernel_constraint"] = {"class_name": "UnitNorm", "config": {}}
        self.assert_config_is_refused(config, "seq/d1/kernel: the service has no constraint")
        config["config"]["layers"][1]["config"]["kernel_constraint"] = None
        config["config"]["layers"][1]["config"]["trainable"] = False
        self.assert_config_is_refused(config, "2 trainable variables make 6")

    def test_layers_of_many_kinds_are_found_in_the_order_of_the_model(self):
        layers = [
            ("InputLayer", "in", {}, {}),
            ("Embedding", "words", {"embeddings_constraint": {"class_name": "NonNeg", "config": {}}}, {"0": (5, 3)}),
            ("BatchNormalization", "norm", {"scale": False}, {"0": (3,), "1": (3,), "2": (3,)}),
            ("Dense", "z", {"use_bias": False, "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 3.0, "axis": 1}}}, {"0": (3, 2)}),
            ("Dropout", "drop", {}, {}),
            ("Dense", "a", {"trainable": False}, {"0": (2, 2), "1": (2,)}),
        ]
        config = {
            "class_name": "Functional",
            "config": {"name": "model", "layers": [{"class_name": kind, "config": {"name": name, **given}} for kind, name, given, _ in layers]},
            "compile_config": {"optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.5}}},
        }
        (self.folder / "config.json").write_text(json.dumps(config))
        groups = ("", "layers/embedding", "layers/batch_normalization", "layers/dense", "", "layers/dense_1")
        with h5py.File(self.folder / "many.weights.h5", "w") as file:
            for group, (_, name, _, shapes) in zip(groups, layers):
                for key, shape in shapes.items():
                    file[f"{group}/vars/{key}"] = np.full(shape, len(name), np.float32)
                    file[f"{group}/vars"].attrs["name"] = name
            # A random seed is no weight.
            file["layers/dropout/seed_generator/vars/0"] = np.zeros(2, np.uint32)
            numbers = [np.int64(7), np.float32(0.25), *(np.zeros(shape, np.float32) for shape in ((5, 3), (3,), (3, 2)) for _ in "mv")]
            for key, number in enumerate(numbers):
                file[f"optimizer/vars/{key}"] = number

        convert("keras-to-adam", self.folder / "many.weights.h5", self.session_file, "--config", self.folder / "config.json")

        session = session_file.read(self.session_file)
        roles = [(tensor.name, tensor.role.rpartition("_")[2], tensor.constraint) for tensor in session.tensors]
        self.assertEqual(
            [
                ("words/embeddings", "TRAINABLE", {"nonNeg": {}}),
                ("norm/beta", "TRAINABLE", None),
                ("norm/moving_mean", "BUFFER", None),
                ("norm/moving_variance", "BUFFER", None),
                ("z/kernel", "TRAINABLE", {"maxNorm": {"maxValue": 3.0, "axis": "1"}}),
                ("a/kernel", "FROZEN", None),
                ("a/bias", "FROZEN", None),
            ],
            roles,
        )
        self.assertEqual([{"iterations": "7", "learningRate": {"value": 0.25}}], session.groups)
        back = self.folder / "back.weights.h5"
        arguments = ("--template", self.folder / "many.weights.h5", "--config", self.folder / "config.json")
        convert("adam-to-keras", self.session_file, back, *arguments)
        self.assert_same_numbers(self.folder / "many.weights.h5", back)

    def test_damaged_archives_are_refused(self):
        whole = (SAVED / "adam.keras").read_bytes()
        damaged = self.folder / "damaged.keras"
        for length in range(0, len(whole), 997):
            damaged.write_bytes(whole[:length])
            assert_refused(self, "damaged.keras: ", "keras-to-adam", damaged, self.session_file)
        # The bytes of the entries are under the checksums of the archive.
        for place in range(4000, 20000, 701):
            damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
            assert_refused(self, "damaged.keras: model.weights.h5: the entry is damaged", "keras-to-adam", damaged, self.session_file)

    def test_damaged_session_files_are_refused_anywhere(self):
        convert("keras-to-adam", SAVED / "adam.keras", self.session_file)
        whole = self.session_file.read_bytes()
        damaged = self.folder / "damaged.safetensors"
        for place in range(0, len(whole), 31):
            for data in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]):
                damaged.write_bytes(data)
                assert_refused(self, "damaged.safetensors: ", "show", damaged)
        damaged.write_bytes(whole + bytes(8))
        assert_refused(self, f"byte {len(whole)}: the arrays end here", "show", damaged)
        damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert_refused(self, "bytes are damaged: their checksum is", "adam-to-keras", damaged, self.folder / "back.weights.h5")
        self.assertFalse((self.folder / "back.weights.h5").exists())

    def test_template_of_another_model_is_refused_with_the_differences(self):
        source, *options = GoldenKerasCase("43_resume_plain").write(self.folder)
        convert("keras-to-adam", source, self.session_file, *options)
        target = self.folder / "back.keras"
        arguments = ("adam-to-keras", self.session_file, target, "--template", SAVED / "adam.keras")
        assert_refused(self, "'seq/d1/kernel' is missing in the session", *arguments)
        assert_refused(self, "'dense/kernel' is missing in the template", *arguments)
        assert_refused(self, "give one of the same model with --template", *arguments[:3])
        self.assertFalse(target.exists())

    def test_weight_decay_says_what_keras_has_not_saved(self):
        source = SAVED / "adam_amsgrad_ema_accum_schedule.keras"
        self.assertIn("Keras does not save what exclude_from_weight_decay was told", convert("keras-to-adam", source, self.session_file))
        self.assertEqual("", convert("keras-to-adam", source, self.session_file, "--exclude-from-weight-decay", "seq/d1/bias"))
        excluded = [tensor.name for tensor in session_file.read(self.session_file).tensors if tensor.is_excluded_from_decay]
        self.assertEqual(["seq/d1/bias"], excluded)
        assert_refused(self, "no variable has this name", "keras-to-adam", source, self.session_file, "--exclude-from-weight-decay", "bias")

    def test_command_line_says_what_it_refuses(self):
        command = [sys.executable, "-B", "-m", "adam_convert", "show", "nowhere.safetensors"]
        ended = subprocess.run(command, cwd=CLIENTS, capture_output=True, text=True, check=False)
        self.assertEqual(1, ended.returncode)
        self.assertRegex(ended.stderr, "^refused: .*nowhere.safetensors")

    def test_checksums_are_castagnoli(self):
        # The examples of RFC 3720, B.4, and a plain loop at every length around the lanes.
        self.assertEqual(0x8A9136AA, crc32c.crc32c(bytes(32)))
        self.assertEqual(0x46DD794E, crc32c.crc32c(bytes(range(32))))
        self.assertEqual(0xE3069283, crc32c.crc32c(b"123456789"))
        data = np.random.default_rng(1).bytes(4500)
        state = 0xFFFFFFFF
        for length in range(1, len(data) + 1):
            state ^= data[length - 1]
            for _ in range(8):
                state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
            if length < 40 or length > 4090 and length % 7 == 0:
                self.assertEqual(state ^ 0xFFFFFFFF, crc32c.crc32c(data[:length]), length)
        large = np.random.default_rng(2).bytes((9 << 20) + 5)
        cut = 0xFFFFFFFF
        for start in range(0, len(large), 1_000_003):
            cut = crc32c.append(cut, large[start : start + 1_000_003])
        self.assertEqual(cut ^ 0xFFFFFFFF, crc32c.crc32c(large))

    def assert_changed_is_refused(self, source, expected, change):
        """The weights after a change are refused, with the configuration that fits them."""
        path = self.folder / "changed.weights.h5"
        shutil.copy(source, path)
        path.chmod(0o644)
        with h5py.File(path, "r+") as file:
            change(file)
        assert_refused(self, expected, "keras-to-adam", path, self.session_file, "--config", self.config_of("adam"))

    def assert_config_is_refused(self, config, expected):
        """The weights of adam with this configuration are refused."""
        path = self.folder / "changed.json"
        path.write_text(json.dumps(config))
        assert_refused(self, expected, "keras-to-adam", SAVED / "adam.weights.h5", self.session_file, "--config", path)

    @staticmethod
    def widen(place, value=None):
        """A change that puts another array into a place."""

        def change(file):
            old = file.pop(place)[()] if value is None else file.pop(place) and value
            file[place] = old if value is not None else np.stack([old, old])

        return change

    def assert_same_structure(self, expected, actual, group="/"):
        """Names, order, types, shapes, attributes, the way in which arrays are stored, and all bytes of them."""
        self.assertEqual(structure(expected, group), structure(actual, group))

    def assert_same_numbers(self, expected, actual):
        """The same without what Keras would not say of the case's own writing."""
        with h5py.File(expected, "r") as mine, h5py.File(actual, "r") as theirs:
            self.assertEqual(sorted({*_names(mine), "vars"}), sorted(_names(theirs)))
            for name in _names(mine):
                if isinstance(mine[name], h5py.Dataset):
                    self.assertEqual((mine[name].dtype, mine[name][()].tobytes()), (theirs[name].dtype, theirs[name][()].tobytes()), name)


def _names(file):
    names = []
    file.visit(names.append)
    return names


def structure(path, group):
    """Everything that h5py tells of a file."""
    found = []

    def visit(name, item):
        attributes = {key: (type(value).__name__, str(item.attrs.get_id(key).dtype), value) for key, value in item.attrs.items()}
        if isinstance(item, h5py.Dataset):
            found.append((name, attributes, str(item.dtype), item.shape, item.chunks, item.compression, item[()].tobytes()))
        else:
            found.append((name, attributes))

    with h5py.File(path, "r") as file:
        file[group].visititems(visit)
    return found


class KerasSessionTests(ServiceTestCase, FolderTestCase):
    def test_resumed_golden_cases_go_on_as_keras_did(self):
        for name in RESUMED:
            with self.subTest(name=name):
                self._assert_goes_on_as_keras_did(name)

    def _assert_goes_on_as_keras_did(self, name):
        case, session_id = GoldenKerasCase(name), name
        source, *options = case.write(self.folder)
        convert("keras-to-adam", source, self.session_file, *options)

        session = import_session(self.checkpoints, self.session_file.read_bytes(), session_id)

        self.assertTrue(session.keras_exact, session.keras_inexact_reason)
        for number, step in enumerate(case.steps):
            answer = self.training.Step(step_request(session_id, number + 1, case.gradients(step)), timeout=CALL_SECONDS_MAX)
            self.assertEqual("", answer.result.error.reason if answer.result.HasField("error") else "")
            _, arrays = read_file(export_session(self.checkpoints, session_id))
            for kind, suffix in SLOTS.items():
                if kind in step["expected"]:
                    actual = [arrays[variable["path"] + suffix] for variable in case.variables]
                    assert_same_bits(self, case.expected(step, kind), actual, f"{name}, step {number}, {kind}")
            now = get_session(self.sessions, session_id)
            self.assertEqual(step["expected"]["iterations"], now.groups[0].iterations)
            if "step_counter" in step["expected"]:
                self.assertEqual(step["expected"]["step_counter"], now.loss_scale.step_counter)

    def test_saved_files_pass_through_the_service_with_all_their_bytes(self):
        for name in SAVED_NAMES:
            with self.subTest(name=name):
                convert("keras-to-adam", SAVED / f"{name}.keras", self.session_file)
                import_session(self.checkpoints, self.session_file.read_bytes(), name)
                exported, back = self.folder / "exported.safetensors", self.folder / "back.keras"
                exported.write_bytes(export_session(self.checkpoints, name))

                convert("adam-to-keras", exported, back, "--template", self.blank(name))

                self.assertEqual((SAVED / f"{name}.keras").read_bytes(), back.read_bytes())

    def test_next_step_of_a_saved_model_is_that_of_keras(self):
        convert("keras-to-adam", SAVED / "adam.keras", self.session_file)
        session = import_session(self.checkpoints, self.session_file.read_bytes(), self.session_id)
        tensors = session_file.read(self.session_file).tensors
        replica = KerasAdam(AdamOptions(learning_rate=0.01), [tensor.weights for tensor in tensors])
        replica.first_moments = [np.array(tensor.slots[session_file.FIRST_MOMENT]) for tensor in tensors]
        replica.second_moments = [np.array(tensor.slots[session_file.SECOND_MOMENT]) for tensor in tensors]
        replica.iterations = 3
        generator = np.random.default_rng(4)
        for sequence in (1, 2):
            gradients = [generator.standard_normal(tensor.weights.shape, np.float32) for tensor in tensors]
            self.training.Step(step_request(self.session_id, sequence, gradients), timeout=CALL_SECONDS_MAX)
            replica.apply(gradients)
        weights = read_tensors(self.training, self.session_id, [tensor.weights.shape for tensor in tensors]).weights
        assert_same_bits(self, replica.weights, weights, "weights")
        self.assertEqual(1, session.version)

    def test_imported_session_has_all_defaults_filled_in(self):
        convert("keras-to-adam", SAVED / "adam.keras", self.session_file)
        import_session(self.checkpoints, self.session_file.read_bytes(), self.session_id)
        metadata, _ = read_file(export_session(self.checkpoints, self.session_id))
        definition = json.loads(metadata["adam.state"])["definition"]
        self.assertEqual(0.9, definition["optimizer"]["groups"][0]["beta1"])
        self.assertEqual("Adam", json.loads(definition["optimizer"]["kerasConfigJson"])["class_name"])


if __name__ == "__main__":
    unittest.main()
