"""A second opinion on `keras.optimizers.Adam`: the specification's step in NumPy, one float32 rounding per operation.

It shares no code with the service.
"""

import dataclasses
from typing import Optional, Sequence

import numpy as np

from libm import powf
from pairwise_sum import pairwise_sum

ZERO = np.float32(0)
ONE = np.float32(1)


@dataclasses.dataclass(frozen=True)
class AdamOptions:
    """The arguments of Keras's Adam, as doubles and with Keras's defaults."""

    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    amsgrad: bool = False
    weight_decay: Optional[float] = None
    clipnorm: Optional[float] = None
    global_clipnorm: Optional[float] = None
    clipvalue: Optional[float] = None
    use_ema: bool = False
    ema_momentum: float = 0.99
    ema_overwrite_frequency: Optional[int] = None
    loss_scale_factor: Optional[float] = None
    gradient_accumulation_steps: Optional[int] = None


class KerasAdam:
    """The weights of a model and what Adam remembers of them, stepped exactly as the specification says."""

    def __init__(self, options: AdamOptions, weights: Sequence[np.ndarray], excluded_from_weight_decay: Sequence[int] = ()):
        self.options = options
        self.learning_rate = np.float32(options.learning_rate)
        self.iterations = 0
        self.weights = [_owned(w) for w in weights]
        self.first_moments = [np.zeros_like(w) for w in self.weights]
        self.second_moments = [np.zeros_like(w) for w in self.weights]
        self.max_second_moments = [np.zeros_like(w) for w in self.weights]
        self.averages = [np.zeros_like(w) for w in self.weights]
        self.accumulators = [np.zeros_like(w) for w in self.weights]
        self._excluded_from_weight_decay = frozenset(excluded_from_weight_decay)

    @property
    def effective_iterations(self) -> int:
        """The number of updates, which is the number of applies unless gradients are accumulated."""
        return self.iterations // (self.options.gradient_accumulation_steps or 1)

    def apply(self, gradients: Sequence[np.ndarray], indexes: Optional[Sequence[int]] = None) -> None:
        """One call of Keras's `apply`. Gradients belong to the variables of `indexes`, by default to all in order."""
        indexes = list(range(len(self.weights)) if indexes is None else indexes)
        # Overflow, 0/0 and the like are results here, as they are in Keras, and not worth a warning.
        with np.errstate(all="ignore"):
            self._apply([_float32(g) for g in gradients], indexes)

    def _apply(self, gradients, indexes):
        options = self.options
        effective_iterations = self.effective_iterations
        gradients = self._unscale(gradients)
        if self._is_update_step():
            gradients = self._take_accumulated(gradients, indexes)
            gradients = self._clip(gradients)
            self._decay_weights(indexes)
            self._update(gradients, indexes, effective_iterations)
        else:
            self._accumulate(gradients, indexes)
        if options.use_ema:
            self._average(effective_iterations)
        self.iterations += 1

    # 5.1: a true division, not a multiplication with the inverse.
    def _unscale(self, gradients):
        factor = self.options.loss_scale_factor
        return gradients if factor is None else [_float32(g / np.float32(factor)) for g in gradients]

    # 5.2
    def _is_update_step(self):
        return (self.iterations + 1) % (self.options.gradient_accumulation_steps or 1) == 0

    def _accumulate(self, gradients, indexes):
        for gradient, i in zip(gradients, indexes):
            self.accumulators[i] = _float32(gradient + self.accumulators[i])

    def _take_accumulated(self, gradients, indexes):
        steps = self.options.gradient_accumulation_steps
        if not steps:
            return gradients
        means = [_float32((g + self.accumulators[i]) / np.float32(steps)) for g, i in zip(gradients, indexes)]
        # All of them, also those of variables that had no gradient in this call.
        self.accumulators = [np.zeros_like(a) for a in self.accumulators]
        return means

    # 5.3: each clip only where its value is truthy and positive.
    def _clip(self, gradients):
        options = self.options
        if options.clipnorm and options.clipnorm > 0:
            return [_clip_by_norm(g, options.clipnorm) for g in gradients]
        if options.global_clipnorm and options.global_clipnorm > 0:
            return _clip_by_global_norm(gradients, options.global_clipnorm)
        if options.clipvalue and options.clipvalue > 0:
            limit = np.float32(options.clipvalue)
            return [_float32(np.clip(g, -limit, limit)) for g in gradients]
        return gradients

    # 5.4: two multiplications in this order, then the subtraction.
    def _decay_weights(self, indexes):
        if self.options.weight_decay is None:
            return
        weight_decay = np.float32(self.options.weight_decay)
        for i in indexes:
            if i not in self._excluded_from_weight_decay:
                x = self.weights[i]
                self.weights[i] = _float32(x - (x * weight_decay) * self.learning_rate)

    # 5.5
    def _update(self, gradients, indexes, effective_iterations):
        options = self.options
        alpha = self._step_size(effective_iterations)
        # The subtraction is done in double first; the powers, in contrast, are those of the rounded betas.
        one_minus_beta_1 = np.float32(1 - options.beta_1)
        one_minus_beta_2 = np.float32(1 - options.beta_2)
        epsilon = np.float32(options.epsilon)
        for g, i in zip(gradients, indexes):
            m = self.first_moments[i]
            v = self.second_moments[i]
            m = _float32(m + (g - m) * one_minus_beta_1)
            v = _float32(v + (g * g - v) * one_minus_beta_2)
            self.first_moments[i] = m
            self.second_moments[i] = v
            if options.amsgrad:
                v = _float32(np.maximum(self.max_second_moments[i], v))
                self.max_second_moments[i] = v
            self.weights[i] = _float32(self.weights[i] - (m * alpha) / (np.sqrt(v) + epsilon))

    def _step_size(self, effective_iterations):
        t = np.float32(effective_iterations + 1)
        beta_1_power = powf(np.float32(self.options.beta_1), t)
        beta_2_power = powf(np.float32(self.options.beta_2), t)
        return _float32((self.learning_rate * np.sqrt(ONE - beta_2_power)) / (ONE - beta_1_power))

    # 5.6: on every apply and for every variable, also those without a gradient.
    def _average(self, effective_iterations):
        options = self.options
        momentum = np.float32(effective_iterations != 0) * np.float32(options.ema_momentum)
        for i, x in enumerate(self.weights):
            self.averages[i] = _float32((momentum * self.averages[i]) + ((ONE - momentum) * x))
        frequency = options.ema_overwrite_frequency
        if frequency and (effective_iterations + 1) % frequency == 0:
            self.weights = [a.copy() for a in self.averages]


def _clip_by_norm(gradient, clipnorm):
    limit = np.float32(clipnorm)
    squares = pairwise_sum(gradient * gradient)
    norm = np.sqrt(squares) if squares > ZERO else squares
    # Below the limit this is g*c/c, which still rounds.
    return _float32((gradient * limit) / np.maximum(norm, limit))


def _clip_by_global_norm(gradients, global_clipnorm):
    squares = pairwise_sum(np.array([pairwise_sum(g * g) for g in gradients], np.float32))
    norm = _float32(np.sqrt(squares))
    scale = np.float32(global_clipnorm) * np.minimum(ONE / norm, np.float32(1 / global_clipnorm))
    # n - n is 0 for a finite norm and NaN otherwise.
    scale = _float32(scale + (norm - norm))
    return [_float32(g * scale) for g in gradients]


def _owned(array):
    return np.array(array, np.float32)


def _float32(values):
    # NumPy 1.24 turns a 0-d value into float64 as soon as it meets a Python number; that would be a wrong replica.
    if values.dtype != np.float32:
        raise AssertionError(f"an operation of the replica left float32 for {values.dtype}")
    return values
