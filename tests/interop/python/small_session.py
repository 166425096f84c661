"""A session of two small tensors with its replica beside it, for tests of what must not change it."""

from typing import Sequence

import numpy as np

from bits import assert_same_bits
from keras_adam import AdamOptions, KerasAdam
from service_test_case import CALL_SECONDS_MAX, ServiceTestCase
from session_calls import create_session, get_session, open_message, read_tensors, step_request
from stubs import training_pb2, types_pb2
from train_stream import TrainStream

NAMES = ("dense/kernel", "dense/bias")
SHAPES = ((4, 3), (3,))
OPTIONS = AdamOptions(learning_rate=0.01)
SLOTS = (types_pb2.SLOT_WEIGHTS, types_pb2.SLOT_FIRST_MOMENT, types_pb2.SLOT_SECOND_MOMENT)


def weights() -> Sequence[np.ndarray]:
    """The weights at creation."""
    generator = np.random.default_rng(1)
    return [generator.standard_normal(shape, np.float32) for shape in SHAPES]


def gradients(seed: int = 2) -> Sequence[np.ndarray]:
    """A gradient for each tensor."""
    generator = np.random.default_rng(seed)
    return [generator.standard_normal(shape, np.float32) for shape in SHAPES]


class SmallSessionTestCase(ServiceTestCase):
    """Each test has a session of its own and can ask whether it is still as the replica has it."""

    def setUp(self):
        self.replica = KerasAdam(OPTIONS, weights())
        self.version_at_start = create_session(self.sessions, self.session_id, OPTIONS, NAMES, weights()).version

    def open_stream(self, **open_fields) -> TrainStream:
        """A Train stream of the test's worker."""
        return TrainStream(self.training, open_message(self.session_id, **open_fields))

    def assert_session_is_the_replica(self) -> None:
        """Weights, slots, iterations and version are those after the replica's steps, and nothing else has happened."""
        snapshot = read_tensors(self.training, self.session_id, SHAPES, SLOTS)
        assert_same_bits(self, self.replica.weights, snapshot.slots[types_pb2.SLOT_WEIGHTS], "weights")
        assert_same_bits(self, self.replica.first_moments, snapshot.slots[types_pb2.SLOT_FIRST_MOMENT], "m")
        assert_same_bits(self, self.replica.second_moments, snapshot.slots[types_pb2.SLOT_SECOND_MOMENT], "v")
        session = get_session(self.sessions, self.session_id)
        self.assertEqual(self.replica.iterations, session.groups[0].iterations)
        self.assertEqual(self.version_at_start + self.replica.iterations, session.version)

    def assert_stream_takes(self, stream: TrainStream, sequence: int, seed: int = 2) -> None:
        """A good batch of this sequence is applied, and the weights that come back are the replica's."""
        stream.send_batch(sequence, dict(enumerate(gradients(seed))), elements_per_chunk=5)
        answer = stream.receive_answer()
        self.assertEqual(
            (sequence, training_pb2.BATCH_OUTCOME_APPLIED), (answer.result.sequence, answer.result.outcome), str(answer.result.error)
        )
        self.replica.apply(gradients(seed))
        assert_same_bits(self, self.replica.weights, answer.tensors(SHAPES), f"weights after batch {sequence}")

    def assert_step_is_taken(self, sequence: int, seed: int = 2) -> None:
        """The same as a unary call."""
        response = self.training.Step(step_request(self.session_id, sequence, gradients(seed)), timeout=CALL_SECONDS_MAX)
        self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, response.result.outcome)
        self.replica.apply(gradients(seed))
