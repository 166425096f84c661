"""Keras's other arguments, one or many at a time: every step and every slot equals the replica, bit for bit."""

import unittest

import grpc
import numpy as np

from bits import assert_same_bits
from keras_adam import AdamOptions, KerasAdam
from service_test_case import CALL_SECONDS_MAX, ServiceTestCase
from session_calls import create_session, get_session, open_message, read_tensors
from stubs import sessions_pb2, training_pb2, types_pb2
from train_stream import TrainStream

NAMES = ("dense/kernel", "dense/bias", "scale", "empty", "wide/kernel")
# A matrix, a vector, a scalar, a tensor without elements, and one whose sum takes three blocks of 8192 and a rest.
SHAPES = ((31, 7), (7,), (), (0, 3), (5, 5003))
BIAS = 1
STEPS = 12

# Every option that does not exclude another one, with a weight decay that leaves the bias out.
EVERYTHING = AdamOptions(
    learning_rate=0.02,
    beta_1=0.85,
    beta_2=0.97,
    epsilon=1e-5,
    amsgrad=True,
    weight_decay=0.03,
    global_clipnorm=1.5,
    use_ema=True,
    ema_momentum=0.9,
    ema_overwrite_frequency=2,
    loss_scale_factor=48.0,
    gradient_accumulation_steps=3,
)

# The fields of the replica that hold a slot, and when the service has that slot.
SLOTS = (
    (types_pb2.SLOT_WEIGHTS, "weights", lambda options: True),
    (types_pb2.SLOT_FIRST_MOMENT, "first_moments", lambda options: True),
    (types_pb2.SLOT_SECOND_MOMENT, "second_moments", lambda options: True),
    (types_pb2.SLOT_MAX_SECOND_MOMENT, "max_second_moments", lambda options: options.amsgrad),
    (types_pb2.SLOT_AVERAGE, "averages", lambda options: options.use_ema),
    (types_pb2.SLOT_ACCUMULATOR, "accumulators", lambda options: options.gradient_accumulation_steps),
)


class OptimizerOptionsTests(ServiceTestCase):
    def test_everything_together(self):
        self._train_and_compare(EVERYTHING)

    def test_weight_decay(self):
        self._train_and_compare(AdamOptions(weight_decay=0.1))

    def test_clipnorm(self):
        self._train_and_compare(AdamOptions(clipnorm=0.7))

    def test_global_clipnorm(self):
        self._train_and_compare(AdamOptions(global_clipnorm=41.0))

    def test_global_clipnorm_above_every_norm_still_rounds(self):
        # The reciprocal of 201.7 is taken in double; one taken in float32 would scale by another number.
        self._train_and_compare(AdamOptions(global_clipnorm=201.7))

    def test_clipvalue(self):
        self._train_and_compare(AdamOptions(clipvalue=0.3))

    def test_amsgrad(self):
        self._train_and_compare(AdamOptions(amsgrad=True, beta_2=0.9))

    def test_moving_average(self):
        self._train_and_compare(AdamOptions(use_ema=True, ema_momentum=0.95))

    def test_finalize_overwrites_the_weights_with_their_averages(self):
        replica = self._train_and_compare(AdamOptions(use_ema=True, ema_momentum=0.95))
        request = sessions_pb2.FinalizeSessionRequest(session=types_pb2.SessionRef(session_id=self.session_id))
        self.sessions.FinalizeSession(request, timeout=CALL_SECONDS_MAX)
        snapshot = read_tensors(self.training, self.session_id, SHAPES)
        assert_same_bits(self, replica.averages, snapshot.weights, "finalized weights")

    def test_gradient_accumulation(self):
        self._train_and_compare(AdamOptions(gradient_accumulation_steps=4))

    def test_static_loss_scale(self):
        self._train_and_compare(AdamOptions(loss_scale_factor=3.0))

    def test_gradients_of_some_tensors_in_another_order(self):
        # The global norm adds up in the order of the manifest, so the order is part of the numbers.
        self._train_and_compare(AdamOptions(global_clipnorm=1.0, weight_decay=0.01), lambda step: [4, 0, 2] if step % 2 else [1, 4])

    def test_non_finite_gradients_propagate(self):
        def poison(step, gradients):
            if step == 2:
                gradients[0].flat[5] = np.inf
                gradients[4].flat[8200] = np.nan

        self._train_and_compare(AdamOptions(clipvalue=0.5), poison=poison)

    def _train_and_compare(self, options, indexes_of_step=lambda step: range(len(SHAPES)), poison=lambda step, gradients: None):
        generator = np.random.default_rng(3)
        weights = [_normal(generator, shape) for shape in SHAPES]
        replica = KerasAdam(options, weights, excluded_from_weight_decay=[BIAS])
        create_session(self.sessions, self.session_id, options, NAMES, weights, exclude_from_weight_decay=["bias"])
        with TrainStream(self.training, open_message(self.session_id)) as stream:
            for step in range(1, STEPS + 1):
                gradients = [_normal(generator, shape) * np.float32(options.loss_scale_factor or 1) for shape in SHAPES]
                poison(step, gradients)
                indexes = list(indexes_of_step(step))
                chosen = {index: np.asarray(gradients[index]) for index in indexes}
                updates_before = replica.effective_iterations
                replica.apply(list(chosen.values()), indexes)
                stream.send_batch(step, chosen, elements_per_chunk=1000, shuffle_seed=step)
                answer = stream.receive_answer()
                self._assert_outcome(answer.result, options, replica.effective_iterations > updates_before)
                _assert_equal_up_to_nan(self, replica.weights, answer.tensors(SHAPES), f"weights after step {step}")
            self.assertEqual(grpc.StatusCode.OK, stream.finish())
        self._assert_slots(options, replica)
        return replica

    def _assert_outcome(self, result, options, updated):
        if options.gradient_accumulation_steps and not updated:
            expected = training_pb2.BATCH_OUTCOME_ACCUMULATED
        else:
            expected = training_pb2.BATCH_OUTCOME_APPLIED
        self.assertEqual(expected, result.outcome, str(result.error))

    def _assert_slots(self, options, replica):
        present = [(slot, name) for slot, name, exists in SLOTS if exists(options)]
        snapshot = read_tensors(self.training, self.session_id, SHAPES, [slot for slot, _ in present], chunk_bytes=4096)
        for slot, name in present:
            _assert_equal_up_to_nan(self, getattr(replica, name), snapshot.slots[slot], f"final {name}")
        group = get_session(self.sessions, self.session_id).groups[0]
        self.assertEqual((replica.iterations, replica.effective_iterations), (group.iterations, group.effective_iterations))


def _normal(generator, shape):
    return np.asarray(generator.standard_normal(shape), np.float32)


def _assert_equal_up_to_nan(test, expected, actual, what):
    # Sign and payload of a NaN are not meaningful: every processor makes its own.
    assert_same_bits(test, [_with_one_nan(x) for x in expected], [_with_one_nan(x) for x in actual], what)


def _with_one_nan(values):
    return np.where(np.isnan(values), np.float32(np.nan), values)


if __name__ == "__main__":
    unittest.main()
