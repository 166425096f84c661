// Softmax regression in float32, one rounding per operation: the trainer's half of the work, gradients and nothing else.

import { CLASSES, PIXELS } from './digits.mjs';
import { generator, shuffled } from './random.mjs';

const { fround } = Math;

export const TENSORS = [
  { name: 'softmax/kernel', shape: [PIXELS, CLASSES] },
  { name: 'softmax/bias', shape: [CLASSES] },
];
export const SIZES = [PIXELS * CLASSES, CLASSES];

// Small random weights, the same in every run.
export function initialWeights() {
  const random = generator(20);
  return [Float32Array.from({ length: SIZES[0] }, () => (random() - 0.5) * 0.1), new Float32Array(SIZES[1])];
}

// The gradients of the mean cross-entropy over a batch, for kernel and bias.
export function gradientsOf(weights, batch) {
  const kernelGradient = new Float32Array(SIZES[0]);
  const biasGradient = new Float32Array(SIZES[1]);
  for (const { pixels, label } of batch) {
    const errors = softmax(logitsOf(weights, pixels));
    errors[label] -= 1;
    for (let k = 0; k < CLASSES; k++) {
      const error = fround(errors[k] / batch.length);
      biasGradient[k] += error;
      for (let p = 0; p < PIXELS; p++) {
        kernelGradient[p * CLASSES + k] += fround(pixels[p] * error);
      }
    }
  }
  return [kernelGradient, biasGradient];
}

// The share of images whose digit is recognised.
export function accuracy(weights, digits) {
  const right = digits.filter(({ pixels, label }) => {
    const logits = logitsOf(weights, pixels);
    return logits.indexOf(Math.max(...logits)) === label;
  });
  return right.length / digits.length;
}

// Every image once an epoch, in a shuffled order that is the same in every run.
export function* batches(digits, batchSize, epochs) {
  const random = generator(7);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(digits, random);
    for (let start = 0; start < order.length; start += batchSize) {
      yield order.slice(start, start + batchSize);
    }
  }
}

function logitsOf([kernel, bias], pixels) {
  const logits = bias.slice();
  for (let p = 0; p < PIXELS; p++) {
    for (let k = 0; k < CLASSES; k++) {
      logits[k] += fround(pixels[p] * kernel[p * CLASSES + k]);
    }
  }
  return logits;
}

function softmax(logits) {
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(fround(logit - largest)));
  const total = exponentials.reduce((sum, value) => fround(sum + value), 0);
  return exponentials.map((value) => value / total);
}
