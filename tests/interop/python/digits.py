"""The handwritten digits that the samples train on: 1,797 images of 8 x 8 pixels."""

import gzip

import numpy as np

from repository import DIGITS

PIXELS = 64
CLASSES = 10
# The first images are learned from, the rest (other writers) are only looked at.
TRAINING_IMAGES = 1440


def load_digits():
    """Returns ((training images, labels), (test images, labels)), pixels as float32 between 0 and 1."""
    with gzip.open(DIGITS, "rt") as file:
        table = np.loadtxt(file, np.float32, delimiter=",")
    images = table[:, :PIXELS] / np.float32(16)
    labels = table[:, PIXELS].astype(np.int64)
    return (images[:TRAINING_IMAGES], labels[:TRAINING_IMAGES]), (images[TRAINING_IMAGES:], labels[TRAINING_IMAGES:])
