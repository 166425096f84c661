// What a failed call or a refused batch says, read as any stock client would read it.

import assert from 'node:assert/strict';

import { decodeErrorInfo, decodeStatus } from './contract.mjs';

const DETAILS_TRAILER = 'grpc-status-details-bin';
const ERROR_INFO_URL = 'type.googleapis.com/google.rpc.ErrorInfo';

// Reads a google.rpc.Status, which must carry exactly one ErrorInfo of this contract.
export function refusalOfStatus(status) {
  assert.equal(status.details.length, 1);
  const [detail] = status.details;
  assert.equal(detail.type_url, ERROR_INFO_URL);
  const info = decodeErrorInfo(detail.value);
  assert.equal(info.domain, 'adam.v1');
  return { code: status.code, message: status.message, reason: info.reason, metadata: info.metadata };
}

// Waits for a call that must fail, and reads its details, which must agree with its own status.
export async function refusalOfCall(promise) {
  const error = await promise.then(
    () => assert.fail('the call did not fail'),
    (failure) => failure,
  );
  assert.ok(error.metadata, `not an error of a call: ${error.stack}`);
  const trailers = error.metadata.get(DETAILS_TRAILER);
  assert.equal(trailers.length, 1, `no details with ${error.code}: ${error.details}`);
  const refusal = refusalOfStatus(decodeStatus(trailers[0]));
  assert.deepEqual([refusal.code, refusal.message], [error.code, error.details]);
  return refusal;
}

export function assertRefusal(refusal, code, reason, ...words) {
  assert.deepEqual([refusal.code, refusal.reason], [code, reason], refusal.message);
  words.forEach((word) => assert.ok(refusal.message.includes(word), `"${word}" is not in "${refusal.message}"`));
}
