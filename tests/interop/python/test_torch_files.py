"""torch's state_dicts, through the converter and back: moments and steps bit for bit, everything else said."""

import json
import pathlib
import pickle
import shutil
import tempfile
import unittest
import zipfile

import numpy as np

from converter import assert_refused, convert, session_file
from service_test_case import CALL_SECONDS_MAX, ServiceTestCase
from session_calls import export_session, import_session, read_tensors, step_request

try:
    import torch
except ImportError:
    torch = None

# torch is 400 MB, which is too much to install for these tests; whoever has it runs them.
needs_torch = unittest.skipIf(torch is None, "torch is not installed (Debian: python3-torch)")


class TorchTestCase(unittest.TestCase):
    """A folder, and a small model that was trained a little."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="adam-convert-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.session_file = self.folder / "session.safetensors"
        self.model_file, self.optimizer_file = self.folder / "model.pt", self.folder / "optimizer.pt"

    def train(self, kind="AdamW", steps=3, model=None, groups=None, **options):
        """Trains and saves a model with its optimizer."""
        torch.manual_seed(1)
        model = model or torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
        optimizer = getattr(torch.optim, kind)(groups(model) if groups else model.parameters(), lr=0.01, **options)
        for _ in range(steps):
            optimizer.zero_grad()
            model(torch.randn(5, 3)).square().sum().backward()
            optimizer.step()
        torch.save(model.state_dict(), self.model_file)
        torch.save(optimizer.state_dict(), self.optimizer_file)
        return model, optimizer

    def to_adam(self, *options):
        """Converts what was saved; returns the warnings."""
        return convert("torch-to-adam", self.model_file, self.optimizer_file, self.session_file, *options)

    def assert_to_adam_is_refused(self, expected, *options):
        """What was saved is refused."""
        assert_refused(self, expected, "torch-to-adam", self.model_file, self.optimizer_file, self.session_file, *options)


@needs_torch
class TorchFileTests(TorchTestCase):
    def test_moments_steps_and_settings_come_and_go_bit_for_bit(self):
        for amsgrad in (False, True):
            with self.subTest(amsgrad=amsgrad):
                _, optimizer = self.train(amsgrad=amsgrad, weight_decay=0.02, betas=(0.8, 0.95), eps=1e-6)
                said = self.to_adam("--decay", "decoupled")

                self.assertIn("epsilon is not the same thing", said)
                self.assertIn("weight_decay 0.02 becomes Keras's", said)
                self.assertIn("1.num_batches_tracked", said)
                session = session_file.read(self.session_file)
                self.assertEqual("3", session.groups[0]["iterations"])
                state = optimizer.state_dict()
                for parameter, tensor in enumerate(session.trainable):
                    slots = state["state"][parameter]
                    self.assertEqual(slots["exp_avg"].numpy().tobytes(), tensor.slots[session_file.FIRST_MOMENT].tobytes())
                    self.assertEqual(slots["exp_avg_sq"].numpy().tobytes(), tensor.slots[session_file.SECOND_MOMENT].tobytes())

                model_file, optimizer_file = self.folder / "back-model.pt", self.folder / "back-optimizer.pt"
                said = convert("adam-to-torch", self.session_file, model_file, optimizer_file)
                self.assertIn("load the state into torch.optim.AdamW", said)
                self.assert_goes_on_the_same(optimizer, model_file, optimizer_file, amsgrad)

    def assert_goes_on_the_same(self, optimizer, model_file, optimizer_file, amsgrad):
        """What came back takes the next step with the same bits as the original."""
        model, copy = (torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2)) for _ in range(2))
        model.load_state_dict(torch.load(self.model_file))
        copy.load_state_dict(torch.load(model_file), strict=False)
        first = torch.optim.AdamW(model.parameters(), amsgrad=amsgrad)
        first.load_state_dict(torch.load(self.optimizer_file))
        second = torch.optim.AdamW(copy.parameters(), amsgrad=amsgrad)
        second.load_state_dict(torch.load(optimizer_file))
        torch.manual_seed(2)
        for one, other in zip(model.parameters(), copy.parameters()):
            one.grad = torch.randn_like(one)
            other.grad = one.grad.clone()
        # A rate has been rounded to float32, as everywhere in Keras.
        self.assertEqual(np.float32(first.param_groups[0]["lr"]), second.param_groups[0]["lr"])
        second.param_groups[0]["lr"] = first.param_groups[0]["lr"]
        first.step()
        second.step()
        for one, other in zip(model.parameters(), copy.parameters()):
            self.assertTrue(torch.equal(one, other))

    def test_decay_is_never_taken_for_another(self):
        self.train("Adam", weight_decay=0.1)
        self.assert_to_adam_is_refused("param_groups[0]: weight_decay is 0.1")
        self.assertIn("is left out", self.to_adam("--decay", "none"))
        self.assertNotIn("weightDecay", session_file.read(self.session_file).optimizer["groups"][0])

    def test_groups_need_names(self):
        def groups(model):
            return [{"params": model[2].parameters()}, {"params": list(model[0].parameters()) + list(model[1].parameters()), "lr": 0.5}]

        self.train("Adam", groups=groups)
        self.assert_to_adam_is_refused("param_groups: there are 2, and torch keeps no names")
        names = self.folder / "names.json"
        names.write_text(json.dumps(["2.weight", "2.bias", "0.weight", "0.bias", "1.weight", "1.bias"]))
        self.to_adam("--parameters", names)
        session = session_file.read(self.session_file)
        self.assertEqual([0.01, 0.5], [group["learningRate"]["value"] for group in session.optimizer["groups"]])
        self.assertEqual([0, 0, 1, 1, 1, 1], [tensor.group for tensor in session.trainable])
        names.write_text(json.dumps(["0.weight", "0.bias", "2.weight", "2.bias", "1.weight", "1.bias"]))
        self.assert_to_adam_is_refused("'0.weight': expected exp_avg, Float [4, 3]; found Float [2, 4]", "--parameters", names)

    def test_shared_weights_are_one_tensor_with_two_names(self):
        class Tied(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
                self.second.weight = self.first.weight

            def forward(self, inputs):
                return self.second(self.first(inputs))

        model, _ = self.train("Adam", model=Tied())
        self.to_adam()
        tensors = session_file.read(self.session_file).tensors
        self.assertEqual([("first.weight", ["second.weight"]), ("first.bias", []), ("second.bias", [])], [(t.name, t.aliases) for t in tensors])
        convert("adam-to-torch", self.session_file, self.folder / "back.pt", self.folder / "back-optimizer.pt")
        self.assertEqual(list(model.state_dict()), sorted(torch.load(self.folder / "back.pt"), key=list(model.state_dict()).index))

    def test_what_the_service_does_not_have_is_refused(self):
        self.train("Adam", maximize=True)
        self.assert_to_adam_is_refused("param_groups[0]: maximize is set")
        self.train("SGD")
        self.assert_to_adam_is_refused("param_groups[0]: it is not Adam's or AdamW's")
        self.train("Adam", model=torch.nn.Sequential(torch.nn.Linear(3, 2).double(), torch.nn.Identity()), steps=0)
        self.assert_to_adam_is_refused("'0.weight': it is Double")
        _, optimizer = self.train("Adam")
        state = optimizer.state_dict()
        state["state"][1]["step"] += 1
        torch.save(state, self.optimizer_file)
        self.assert_to_adam_is_refused("different numbers of steps")

    def test_next_step_is_torchs_with_an_epsilon_that_was_corrected(self):
        # The formula of docs/interchange.md, in float64: Keras's step with epsilon * sqrt(1 - beta_2^t) is torch's with epsilon.
        torch.manual_seed(3)
        weights = torch.nn.Parameter(torch.randn(50, dtype=torch.float64))
        optimizer = torch.optim.Adam([weights], lr=0.01, eps=0.001)
        x, m, v = weights.detach().numpy().copy(), np.zeros(50), np.zeros(50)
        for t in range(1, 6):
            weights.grad = torch.randn(50, dtype=torch.float64) * 0.01
            gradient = weights.grad.numpy()
            optimizer.step()
            m += (gradient - m) * 0.1
            v += (gradient * gradient - v) * 0.001
            correction = np.sqrt(1 - 0.999**t)
            x -= m * (0.01 * correction / (1 - 0.9**t)) / (np.sqrt(v) + 0.001 * correction)
            np.testing.assert_allclose(weights.detach().numpy(), x, rtol=1e-12)


class HostileTorchFileTests(TorchTestCase):
    """These need no torch: a pickle is a pickle."""

    class Hostile:
        """Runs something when it is unpickled by anybody who trusts it."""

        def __reduce__(self):
            return (pathlib.Path.touch, (HostileTorchFileTests.trace,))

    def write(self, contents):
        """A file as torch lays it out."""
        with zipfile.ZipFile(self.model_file, "w") as archive:
            archive.writestr("model/data.pkl", contents)

    def test_nothing_in_a_file_is_run(self):
        HostileTorchFileTests.trace = self.folder / "trace"
        self.write(pickle.dumps({"weight": self.Hostile()}, protocol=2))
        self.assertIn(b"touch", zipfile.ZipFile(self.model_file).read("model/data.pkl"))
        self.optimizer_file = self.model_file
        self.assert_to_adam_is_refused("data.pkl: it would load")
        self.assertFalse(HostileTorchFileTests.trace.exists())

    def test_files_of_others_are_refused(self):
        self.optimizer_file = self.model_file
        for contents, expected in ((b"\x80\x02", "data.pkl: it is damaged"), (pickle.dumps([1]), "expected a model's state_dict")):
            self.write(contents)
            self.assert_to_adam_is_refused(expected)
        self.model_file.write_bytes(b"PK no")
        self.assert_to_adam_is_refused("it is no file of torch 1.6 or later")


@needs_torch
class TorchSessionTests(ServiceTestCase, TorchTestCase):
    def test_service_goes_on_from_torchs_state(self):
        _, optimizer = self.train("Adam", amsgrad=True, model=torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh()))
        self.to_adam()
        session = import_session(self.checkpoints, self.session_file.read_bytes(), self.session_id)
        self.assertEqual((3, ["0.weight", "0.bias"]), (session.groups[0].iterations, [tensor.name for tensor in session.tensors]))
        self.assertTrue(session.optimizer.groups[0].amsgrad)
        tensors = session_file.read(self.session_file).tensors
        gradients = [np.full(tensor.weights.shape, 0.5, np.float32) for tensor in tensors]
        self.training.Step(step_request(self.session_id, 1, gradients), timeout=CALL_SECONDS_MAX)
        # After several steps the epsilons hardly differ where gradients are large.
        parameters = optimizer.param_groups[0]["params"]
        for parameter in parameters:
            parameter.grad = torch.full_like(parameter, 0.5)
        optimizer.step()
        shapes = [tuple(parameter.shape) for parameter in parameters]
        for mine, theirs in zip(parameters, read_tensors(self.training, self.session_id, shapes).weights):
            np.testing.assert_allclose(mine.detach().numpy(), theirs, atol=1e-6)
        exported = self.folder / "exported.safetensors"
        exported.write_bytes(export_session(self.checkpoints, self.session_id))
        convert("adam-to-torch", exported, self.folder / "m.pt", self.folder / "o.pt")
        state = torch.load(self.folder / "o.pt")
        self.assertEqual((4.0, 0.01), (float(state["state"][0]["step"]), round(state["param_groups"][0]["lr"], 6)))


if __name__ == "__main__":
    unittest.main()
