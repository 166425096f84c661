// A second opinion on `keras.optimizers.Adam` with its default options, in float32 as Keras computes it:
// one rounding per operation. A double holds the exact sum or product of two float32, and enough of a
// quotient or root, that rounding it once more gives the float32 result.

import { float32Power } from './float32-power.mjs';

const { fround, sqrt } = Math;

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = fround(1e-7);
// The subtraction is done in double first; the powers, in contrast, are those of the rounded betas.
const ONE_MINUS_BETA_1 = fround(1 - BETA_1);
const ONE_MINUS_BETA_2 = fround(1 - BETA_2);

export class KerasAdam {
  constructor(learningRate, weights) {
    this.learningRate = fround(learningRate);
    this.iterations = 0;
    this.weights = weights.map((tensor) => tensor.slice());
    this.firstMoments = weights.map((tensor) => new Float32Array(tensor.length));
    this.secondMoments = weights.map((tensor) => new Float32Array(tensor.length));
  }

  // One call of Keras's `apply` with a gradient for every variable.
  apply(gradients) {
    const alpha = this.#stepSize(this.iterations + 1);
    gradients.forEach((gradient, index) => {
      this.#update(this.weights[index], this.firstMoments[index], this.secondMoments[index], gradient, alpha);
    });
    this.iterations += 1;
  }

  #stepSize(t) {
    const beta1Power = float32Power(fround(BETA_1), t);
    const beta2Power = float32Power(fround(BETA_2), t);
    const root = fround(sqrt(fround(1 - beta2Power)));
    return fround(fround(this.learningRate * root) / fround(1 - beta1Power));
  }

  #update(weights, firstMoments, secondMoments, gradient, alpha) {
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i];
      const m = fround(firstMoments[i] + fround(fround(g - firstMoments[i]) * ONE_MINUS_BETA_1));
      const v = fround(secondMoments[i] + fround(fround(fround(g * g) - secondMoments[i]) * ONE_MINUS_BETA_2));
      const step = fround(fround(m * alpha) / fround(fround(sqrt(v)) + EPSILON));
      firstMoments[i] = m;
      secondMoments[i] = v;
      weights[i] = fround(weights[i] - step);
    }
  }
}
