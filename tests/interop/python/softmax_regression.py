"""Softmax regression in float32 NumPy: the trainer's half of the work, gradients and nothing else."""

from typing import List, Sequence

import numpy as np

from digits import CLASSES, PIXELS

NAMES = ("softmax/kernel", "softmax/bias")
SHAPES = ((PIXELS, CLASSES), (CLASSES,))


def initial_weights() -> List[np.ndarray]:
    """Small random weights, the same in every run."""
    generator = np.random.default_rng(20)
    return [(generator.standard_normal(SHAPES[0]) * 0.05).astype(np.float32), np.zeros(SHAPES[1], np.float32)]


def gradients(weights: Sequence[np.ndarray], images: np.ndarray, labels: np.ndarray) -> List[np.ndarray]:
    """The gradients of the mean cross-entropy over a batch, for kernel and bias."""
    logits = _logits(weights, images)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    errors = exponentials / exponentials.sum(axis=1, keepdims=True)
    errors[np.arange(labels.size), labels] -= np.float32(1)
    errors /= np.float32(labels.size)
    return [images.T @ errors, errors.sum(axis=0)]


def accuracy(weights: Sequence[np.ndarray], images: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose digit is recognised."""
    return float(np.mean(_logits(weights, images).argmax(axis=1) == labels))


def batches(images: np.ndarray, labels: np.ndarray, batch_size: int, epochs: int):
    """Every image once an epoch, in a shuffled order that is the same in every run."""
    generator = np.random.default_rng(7)
    for _ in range(epochs):
        order = generator.permutation(labels.size)
        for start in range(0, labels.size, batch_size):
            chosen = order[start : start + batch_size]
            yield images[chosen], labels[chosen]


def _logits(weights, images):
    kernel, bias = weights
    return images @ kernel + bias
