"""Shared memory from Python: over a Unix domain socket, descriptors by SCM_RIGHTS or through /proc, and what a client may do to its memory."""

import ctypes
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import grpc
import numpy as np

import softmax_regression
from bits import assert_same_bits
from digits import load_digits
from keras_adam import AdamOptions, KerasAdam
from repository import ROOT
from service_process import ServiceProcess
from service_test_case import CALL_SECONDS_MAX, CHANNEL_OPTIONS, ServiceTestCase
from session_calls import create_session, open_message
from stubs import sessions_pb2_grpc, training_pb2, training_pb2_grpc, types_pb2
from train_stream import TrainStream

SAMPLE = ROOT / "samples" / "PythonSharedMemory"
sys.path.insert(0, str(SAMPLE))

# pylint: disable=wrong-import-position
from adam_shared_memory import HandoverRefused, SharedMemory, fetch_descriptors  # noqa: E402

OPTIONS = AdamOptions(learning_rate=0.05)
FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE = 1, 2


class SharedMemoryTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="adam-shared-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.socket_path = str(cls.folder / "memory.sock")
        cls.service = ServiceProcess(
            f"unix:{cls.folder / 'grpc.sock'}",
            ["--set", "SharedMemory:Enabled=true", "--set", f"SharedMemory:SocketPath={cls.socket_path}"],
        )
        cls.addClassCleanup(cls.service.stop)
        cls.channel = grpc.insecure_channel(cls.service.grpc_target, CHANNEL_OPTIONS)
        cls.addClassCleanup(cls.channel.close)
        cls.training = training_pb2_grpc.TrainingStub(cls.channel)
        cls.sessions = sessions_pb2_grpc.SessionsStub(cls.channel)

    def setUp(self):
        self.session_id = self.id().rpartition(".")[2]
        self.weights = softmax_regression.initial_weights()
        create_session(self.sessions, self.session_id, OPTIONS, softmax_regression.NAMES, self.weights)
        self.stream = TrainStream(self.training, open_message(self.session_id, reply_kind=training_pb2.REPLY_KIND_NONE))
        self.addCleanup(self.stream.cancel)

    def test_train(self):
        (images, labels), _ = load_digits()
        replica = KerasAdam(OPTIONS, self.weights)
        with self._map() as shared:
            for sequence, batch in enumerate(softmax_regression.batches(images, labels, 96, 2), start=1):
                weights = self._weights(shared)
                gradients = softmax_regression.gradients(weights, *batch)
                self._step(shared, sequence, gradients)
                replica.apply(gradients)
                assert_same_bits(self, replica.weights, self._weights(shared), f"weights after step {sequence}")
        self.assertEqual(grpc.StatusCode.OK, self.stream.finish())

    def test_through_proc(self):
        replica = KerasAdam(OPTIONS, self.weights)
        gradients = [np.full(w.shape, 0.25, np.float32) for w in self.weights]
        with self._map(socket_path="") as shared:
            self._step(shared, 1, gradients)
            replica.apply(gradients)
            version, copies = shared.read_weights()
            self.assertEqual(shared.version, version)
            assert_same_bits(self, replica.weights, [np.frombuffer(c, np.float32).reshape(w.shape) for c, w in zip(copies, self.weights)], "w")

    def test_what_a_client_cannot_do(self):
        opened = self._open()
        gradients, weights = fetch_descriptors(self.socket_path, opened.token + self.stream.opened.session_uid)
        try:
            for descriptor in (gradients, weights):
                for length in (0, opened.gradients.bytes + 4096):
                    with self.assertRaises(OSError):
                        os.ftruncate(descriptor, length)
            with self.assertRaises(OSError):
                os.pwrite(weights, b"x", 4096)
            with self.assertRaises(HandoverRefused):
                fetch_descriptors(self.socket_path, opened.token + self.stream.opened.session_uid)
        finally:
            os.close(gradients)
            os.close(weights)

    def test_pages_that_a_client_gives_back_are_zeros(self):
        # As if the gradients were zero, for the service that reads them.
        replica = KerasAdam(OPTIONS, self.weights)
        opened = self._open()
        gradients, weights = fetch_descriptors(self.socket_path, opened.token + self.stream.opened.session_uid)
        os.close(weights)
        self.addCleanup(os.close, gradients)
        for sequence in range(1, 6):
            os.pwrite(gradients, bytes([1, 2, 3, 4]) * 100, 0)
            self.assertEqual(0, self._punch(gradients, opened.gradients.bytes))
            self._send(sequence)
            self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, self.stream.receive_answer().result.outcome)
            replica.apply([np.zeros(w.shape, np.float32) for w in self.weights])
        with self._map() as shared:
            assert_same_bits(self, replica.weights, self._weights(shared), "weights")

    def test_the_sample(self):
        ran = subprocess.run(
            [sys.executable, str(SAMPLE / "train.py"), self.service.grpc_target],
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS_MAX,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self.assertEqual(0, ran.returncode, ran.stderr)
        self.assertIn("300 steps: ", ran.stdout)

    def _open(self):
        request = training_pb2.OpenSharedMemoryRequest(
            session=types_pb2.SessionRef(session_id=self.session_id), worker_id="worker", worker_epoch=self.stream.opened.worker_epoch
        )
        return self.training.OpenSharedMemory(request, timeout=CALL_SECONDS_MAX)

    def _map(self, **arguments) -> SharedMemory:
        return SharedMemory(self._open(), self.stream.opened.session_uid, **arguments)

    def _weights(self, shared):
        # A copy: a view would keep the memory from being unmapped.
        return [np.array(tensor, np.float32).reshape(w.shape) for tensor, w in zip(shared.weights, self.weights)]

    def _step(self, shared, sequence, gradients):
        for tensor, values in zip(shared.gradients, gradients):
            tensor.cast("B")[:] = values.tobytes()
        self._send(sequence)
        result = self.stream.receive_answer().result
        self.assertEqual((sequence, training_pb2.BATCH_OUTCOME_APPLIED), (result.sequence, result.outcome), str(result.error))
        self.assertEqual(result.version, shared.version)

    def _send(self, sequence):
        self.stream.send(
            begin=training_pb2.BatchBegin(
                sequence=sequence, all_tensors=types_pb2.AllTensors(), shared_gradients=training_pb2.SharedGradients()
            )
        )

    @staticmethod
    def _punch(descriptor, length) -> int:
        libc = ctypes.CDLL(None, use_errno=True)
        return libc.fallocate(
            descriptor, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, ctypes.c_long(0), ctypes.c_long(length)
        )


class SharedMemoryOffTests(ServiceTestCase):
    def test_not_configured(self):
        request = training_pb2.OpenSharedMemoryRequest(session=types_pb2.SessionRef(session_id="any"), worker_id="worker", worker_epoch=1)
        with self.assertRaises(grpc.RpcError) as refusal:
            self.training.OpenSharedMemory(request, timeout=CALL_SECONDS_MAX)
        self.assertEqual(grpc.StatusCode.FAILED_PRECONDITION, refusal.exception.code())
        self.assertIn("SharedMemory:Enabled=true", refusal.exception.details())
