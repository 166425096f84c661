"""The replica's own foundations, without the service."""

import fractions
import math
import unittest

import numpy as np

from keras_adam import AdamOptions, KerasAdam
from libm import powf
from pairwise_sum import pairwise_sum


class ReplicaTests(unittest.TestCase):
    def test_powf_is_correctly_rounded_for_the_steps_that_the_node_tests_take(self):
        # The Node tests have no powf and compute the power exactly; this is why they may. Later powers differ: 0.9 ** 685.
        for beta in (np.float32(0.9), np.float32(0.999)):
            for t in range(1, 600):
                self.assertEqual(_rounded_power(beta, t), powf(beta, np.float32(t)), f"{beta} ** {t}")

    def test_pairwise_sum_equals_the_sum_of_numpy(self):
        generator = np.random.default_rng(5)
        for count in (*range(300), 8191, 8192, 8193, 20000, 100003):
            values = generator.standard_normal(count, np.float32)
            self.assertEqual(np.sum(values), pairwise_sum(values), f"{count} elements")

    def test_scalars_stay_float32(self):
        options = AdamOptions(weight_decay=0.1, global_clipnorm=1.0, amsgrad=True, use_ema=True, gradient_accumulation_steps=2)
        replica = KerasAdam(options, [np.float32(1)])
        for _ in range(4):
            replica.apply([np.float32(0.5)])
        self.assertEqual(np.float32, replica.weights[0].dtype)


def _rounded_power(base: np.float32, exponent: int) -> np.float32:
    """The exact power, rounded once to the nearest normal float32, ties to even."""
    numerator, denominator = float(base).as_integer_ratio()
    exact = fractions.Fraction(numerator**exponent, denominator**exponent)
    # The weight of the last of the 24 bits of the result. A float32's denominator is a power of two, so this is exact.
    last_bit = exact.numerator.bit_length() - exact.denominator.bit_length() + 1 - 24
    return np.float32(math.ldexp(round(exact / fractions.Fraction(2) ** last_bit), last_bit))


if __name__ == "__main__":
    unittest.main()
