// The handwritten digits that the samples train on: 1,797 images of 8 x 8 pixels.

import fs from 'node:fs';
import zlib from 'node:zlib';

import { DIGITS } from './repository.mjs';

export const PIXELS = 64;
export const CLASSES = 10;
const GREY_MAX = 16;
// The first images are learned from, the rest (other writers) are only looked at.
const TRAINING_IMAGES = 1440;

// Pixels are float32 between 0 and 1.
export function loadDigits() {
  const lines = zlib.gunzipSync(fs.readFileSync(DIGITS)).toString('ascii').trim().split('\n');
  const digits = lines.map((line) => {
    const numbers = line.split(',').map(Number);
    return { pixels: Float32Array.from(numbers.slice(0, PIXELS), (grey) => grey / GREY_MAX), label: numbers[PIXELS] };
  });
  return { training: digits.slice(0, TRAINING_IMAGES), test: digits.slice(TRAINING_IMAGES) };
}
