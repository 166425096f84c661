"""Fits a line through shared memory: a step is one small message, gradients and weights never travel.

    python3 train.py unix:/run/adam/adam.sock

Needs the libraries `grpc` and `google.protobuf`, `protoc` with its Python plugin for gRPC, and a service with SharedMemory:Enabled=true.
Every weight is compared with Keras's Adam in this process, in double precision.
"""

import math
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile

import grpc

from adam_shared_memory import SharedMemory

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
STEPS = 300
LEARNING_RATE = 0.05
SLOPE, INTERCEPT = 3.0, -1.0
POINTS = [i / 16 for i in range(-16, 17)]
CALL_SECONDS_MAX = 60


def generate_stubs(folder: str) -> None:
    """Compiles the contract into a folder and makes it importable."""
    plugin = shutil.which("grpc_python_plugin")
    if plugin is None:
        sys.exit("grpc_python_plugin was not found; Debian has it in the package protobuf-compiler-grpc")
    files = sorted(str(path) for part in ("adam", "google/rpc") for path in (PROTO / part).rglob("*.proto"))
    command = ["protoc", f"--plugin=protoc-gen-grpc={plugin}", f"-I{PROTO}", f"--python_out={folder}", f"--grpc_out={folder}"]
    subprocess.run(command + files, check=True)
    sys.path.insert(0, folder)


class ReferenceAdam:
    """Keras's Adam on plain numbers."""

    def __init__(self, weights):
        self.weights, self.m, self.v, self.t = list(weights), [0.0] * len(weights), [0.0] * len(weights), 0

    def apply(self, gradients) -> None:
        """One step."""
        self.t += 1
        alpha = LEARNING_RATE * math.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        for i, gradient in enumerate(gradients):
            self.m[i] += (gradient - self.m[i]) * 0.1
            self.v[i] += (gradient * gradient - self.v[i]) * 0.001
            self.weights[i] -= alpha * self.m[i] / (math.sqrt(self.v[i]) + 1e-7)


def gradients_of(slope: float, intercept: float):
    """Those of the mean squared error."""
    errors = [slope * x + intercept - (SLOPE * x + INTERCEPT) for x in POINTS]
    return 2 * sum(e * x for e, x in zip(errors, POINTS)) / len(POINTS), 2 * sum(errors) / len(POINTS)


def train(target: str) -> None:
    """Trains over one stream."""
    from adam.v1 import sessions_pb2, sessions_pb2_grpc, training_pb2, training_pb2_grpc, types_pb2

    with grpc.insecure_channel(target, [("grpc.enable_http_proxy", 0)]) as channel:
        training = training_pb2_grpc.TrainingStub(channel)
        sessions = sessions_pb2_grpc.SessionsStub(channel)
        adam = types_pb2.AdamConfig(learning_rate=types_pb2.LearningRate(value=LEARNING_RATE))
        session = sessions.CreateSession(
            sessions_pb2.CreateSessionRequest(
                optimizer=types_pb2.OptimizerConfig(groups=[adam]),
                tensors=[types_pb2.TensorSpec(name=name) for name in ("slope", "intercept")],
                initial_values=[types_pb2.TensorData(tensor_index=i, data=bytes(4)) for i in range(2)],
            ),
            timeout=CALL_SECONDS_MAX,
        ).session
        reference = types_pb2.SessionRef(session_id=session.session_id)

        # The memory lasts as long as this stream.
        requests = queue.SimpleQueue()
        answers = training.Train(iter(requests.get, None), timeout=CALL_SECONDS_MAX)
        none = training_pb2.ReplySpec(kind=training_pb2.REPLY_KIND_NONE)
        requests.put(
            training_pb2.TrainRequest(open=training_pb2.TrainOpen(session=reference, worker_id="trainer", default_reply=none))
        )
        opened = next(answers).opened
        memory = training.OpenSharedMemory(
            training_pb2.OpenSharedMemoryRequest(session=reference, worker_id="trainer", worker_epoch=opened.worker_epoch),
            timeout=CALL_SECONDS_MAX,
        )
        with SharedMemory(memory, opened.session_uid) as shared:
            expected = ReferenceAdam([0.0, 0.0])
            for sequence in range(1, STEPS + 1):
                values = gradients_of(shared.weights[0][0], shared.weights[1][0])
                for tensor, value in zip(shared.gradients, values):
                    tensor[0] = value
                begin = training_pb2.BatchBegin(
                    sequence=sequence, all_tensors=types_pb2.AllTensors(), shared_gradients=training_pb2.SharedGradients()
                )
                requests.put(training_pb2.TrainRequest(begin=begin))
                result = next(answers).result
                if result.outcome != training_pb2.BATCH_OUTCOME_APPLIED or result.version != shared.version:
                    sys.exit(f"step {sequence}: {result}")
                expected.apply(values)
                for tensor, weight in zip(shared.weights, expected.weights):
                    if abs(tensor[0] - weight) > 1e-4:
                        sys.exit(f"step {sequence}: the service has {tensor[0]}, Adam in this process {weight}")
            print(f"{STEPS} steps: {shared.weights[0][0]:.4f} x + {shared.weights[1][0]:.4f}")
        requests.put(None)
        for _ in answers:
            pass
        sessions.DeleteSession(sessions_pb2.DeleteSessionRequest(session=reference), timeout=CALL_SECONDS_MAX)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="adam-stubs-") as stubs:
        generate_stubs(stubs)
        train(sys.argv[1])
