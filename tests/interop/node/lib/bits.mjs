// Comparing numbers by their bits, so that -0 is not 0 and nothing is "almost" equal.

import assert from 'node:assert/strict';

export function assertSameBits(expected, actual, what) {
  assert.equal(actual.length, expected.length, `${what}: number of tensors`);
  expected.forEach((mine, index) => {
    const theirs = actual[index];
    assert.equal(theirs.length, mine.length, `${what}: size of tensor ${index}`);
    const at = mine.findIndex((value, i) => !Object.is(value, theirs[i]));
    assert.ok(at < 0, `${what}: tensor ${index} differs at ${at}: expected ${mine[at]}, received ${theirs[at]}`);
  });
}
