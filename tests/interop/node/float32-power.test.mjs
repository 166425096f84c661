import assert from 'node:assert/strict';
import test from 'node:test';

import { float32Power } from './lib/float32-power.mjs';

const BETA_1 = Math.fround(0.9);
const BETA_2 = Math.fround(0.999);

test('the first power is the number itself', () => {
  assert.equal(float32Power(BETA_1, 1), BETA_1);
  assert.equal(float32Power(BETA_2, 1), BETA_2);
});

test('the second power is the one rounding of the exact product', () => {
  assert.equal(float32Power(BETA_1, 2), Math.fround(BETA_1 * BETA_1));
  assert.equal(float32Power(BETA_2, 2), Math.fround(BETA_2 * BETA_2));
});

test('powers of a half are exact down to the last subnormal and then zero', () => {
  assert.equal(float32Power(0.5, 149), 2 ** -149);
  assert.equal(float32Power(0.5, 150), 0);
  assert.equal(float32Power(0.5, 151), 0);
});

test('the power of a long training agrees with double precision to within one float32 rounding', () => {
  for (const t of [100, 300, 599]) {
    const approximate = BETA_2 ** t;
    assert.ok(Math.abs(float32Power(BETA_2, t) - approximate) <= approximate * 2 ** -24);
  }
});
