// Refusals as a Node.js client sees them: status, details, and a session that is as it was.

import assert from 'node:assert/strict';
import test from 'node:test';

import grpc from '@grpc/grpc-js';

import { assertSameBits } from './lib/bits.mjs';
import { TrainStream, unary } from './lib/calls.mjs';
import { assemble, cut } from './lib/chunks.mjs';
import { useService } from './lib/fixture.mjs';
import { KerasAdam } from './lib/keras-adam.mjs';
import { generator } from './lib/random.mjs';
import { assertRefusal, refusalOfCall, refusalOfStatus } from './lib/refusals.mjs';
import { createSession, getSession, openMessage, readTensors, stepRequest } from './lib/session.mjs';

const LEARNING_RATE = 0.01;
const TENSORS = [
  { name: 'dense/kernel', shape: [4, 3] },
  { name: 'dense/bias', shape: [3] },
];
const SIZES = [12, 3];
const SLOTS = ['SLOT_WEIGHTS', 'SLOT_FIRST_MOMENT', 'SLOT_SECOND_MOMENT'];
// The receive limit of the service, which is also the default of every stock library.
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const SHORT_DEADLINE_MS = 3_000;

const fixture = useService();

test('unknown session', fixture.watched(async () => {
  const refusal = await refusalOfCall(unary(fixture.training, 'Step', stepRequest('nobody', 1, tensors(2))));
  assertRefusal(refusal, grpc.status.NOT_FOUND, 'SESSION_NOT_FOUND', 'nobody');
}));

test('Step with a tensor of another size', fixture.watched(async () => {
  const session = await makeSession('short-step');
  const request = stepRequest('short-step', 1, tensors(2));
  request.gradients[0].data = request.gradients[0].data.subarray(4);
  const refusal = await refusalOfCall(unary(fixture.training, 'Step', request));
  assertRefusal(refusal, grpc.status.INVALID_ARGUMENT, 'TENSOR_MISMATCH', 'dense/kernel', '48', '44');
  await session.assertIsReplica();
}));

test('sequence gap', fixture.watched(async () => {
  const session = await makeSession('gap');
  const refusal = await refusalOfCall(unary(fixture.training, 'Step', stepRequest('gap', 5, tensors(2))));
  assertRefusal(refusal, grpc.status.OUT_OF_RANGE, 'SEQUENCE_GAP', '5', '1');
  assert.equal(refusal.metadata.expected_sequence, '1');
  await session.assertIsReplica();
}));

test('a bad batch does not end the stream', fixture.watched(async () => {
  const session = await makeSession('bad-batch');
  const stream = await TrainStream.open(fixture.training, openMessage('bad-batch'));
  const [kernel, bias] = tensors(2);
  await stream.sendBatch({ sequence: 1, all_tensors: {} }, [...cut(0, kernel, 5), ...cut(0, kernel, 12), ...cut(1, bias, 3)]);
  const rejected = await stream.receive('result');
  assert.equal(rejected.outcome, 'BATCH_OUTCOME_REJECTED');
  assertRefusal(refusalOfStatus(rejected.error), grpc.status.INVALID_ARGUMENT, 'TENSOR_MISMATCH', 'dense/kernel');
  await session.assertIsReplica();
  await session.takeBatch(stream, 1);
  await stream.finish();
  await session.assertIsReplica();
}));

test('a batch that is sent again is a duplicate', fixture.watched(async () => {
  const session = await makeSession('again');
  const stream = await TrainStream.open(fixture.training, openMessage('again'));
  await session.takeBatch(stream, 1);
  await stream.sendBatch({ sequence: 1, all_tensors: {}, reply: { kind: 'REPLY_KIND_NONE' } }, chunksOf(tensors(2)));
  const result = await stream.receive('result');
  assert.equal(result.outcome, 'BATCH_OUTCOME_DUPLICATE');
  assert.equal(result.original_outcome, 'BATCH_OUTCOME_APPLIED');
  await session.takeBatch(stream, 2);
  await stream.finish();
  await session.assertIsReplica();
}));

test('a message over the limit', fixture.watched(async () => {
  const session = await makeSession('too-large');
  const request = stepRequest('too-large', 1, tensors(2));
  request.gradients[0].data = Buffer.alloc(MESSAGE_BYTES_MAX);
  await assert.rejects(unary(fixture.training, 'Step', request), (error) => {
    assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED, error.message);
    assert.ok(error.details.includes(String(MESSAGE_BYTES_MAX)), error.details);
    return true;
  });
  await session.assertIsReplica();
}));

for (const [what, code, milliseconds, end] of [
  ['a client that cancels', grpc.status.CANCELLED, undefined, (stream) => stream.cancel()],
  ['a deadline that passes', grpc.status.DEADLINE_EXCEEDED, SHORT_DEADLINE_MS, () => {}],
]) {
  test(`${what} in the middle of a batch`, fixture.watched(async () => {
    const sessionId = what.replaceAll(' ', '-');
    const session = await makeSession(sessionId);
    const stream = await TrainStream.open(fixture.training, openMessage(sessionId), milliseconds);
    await session.takeBatch(stream, 1);
    await stream.send({ begin: { sequence: 2, all_tensors: {} } });
    await stream.send({ chunk: cut(0, tensors(3)[0], 5)[0] });
    end(stream);
    await assert.rejects(stream.receive('result'), { code });
    await session.assertIsReplica();

    // The service may not have noticed yet that the first stream is gone.
    const next = await TrainStream.open(fixture.training, { ...openMessage(sessionId), takeover: true });
    assert.equal(next.opened.next_sequence, '2');
    await session.takeBatch(next, 2);
    await next.finish();
    await session.assertIsReplica();
  }));
}

test('a method that this build does not have', fixture.watched(async () => {
  const call = unary(fixture.sessions, 'AddTensors', { session: { session_id: 'x' } });
  assertRefusal(await refusalOfCall(call), grpc.status.UNIMPLEMENTED, 'NOT_IMPLEMENTED', 'AddTensors');
}));

// Numbers for each tensor, between -1 and 1.
function tensors(seed) {
  const random = generator(seed);
  return SIZES.map((size) => Float32Array.from({ length: size }, () => random() * 2 - 1));
}

function chunksOf(gradients) {
  return gradients.flatMap((values, index) => cut(index, values, 5));
}

// A session with its replica beside it.
async function makeSession(sessionId) {
  const { sessions, training } = fixture;
  const replica = new KerasAdam(LEARNING_RATE, tensors(1));
  const created = await createSession(sessions, sessionId, LEARNING_RATE, TENSORS, tensors(1));

  async function takeBatch(stream, sequence) {
    await stream.sendBatch({ sequence, all_tensors: {} }, chunksOf(tensors(2)));
    const result = await stream.receive('result');
    assert.equal(result.outcome, 'BATCH_OUTCOME_APPLIED', result.error?.message);
    replica.apply(tensors(2));
    const reply = await stream.receiveReply(result.sequence, result.version);
    assertSameBits(replica.weights, assemble(reply, 'SLOT_WEIGHTS', SIZES), `weights after batch ${sequence}`);
  }

  async function assertIsReplica() {
    const { slots } = await readTensors(training, sessionId, SIZES, SLOTS);
    assertSameBits(replica.weights, slots.SLOT_WEIGHTS, 'weights');
    assertSameBits(replica.firstMoments, slots.SLOT_FIRST_MOMENT, 'm');
    assertSameBits(replica.secondMoments, slots.SLOT_SECOND_MOMENT, 'v');
    const session = await getSession(sessions, sessionId);
    assert.equal(session.groups[0].iterations, String(replica.iterations));
    assert.equal(session.version, String(Number(created.version) + replica.iterations));
  }

  return { takeBatch, assertIsReplica };
}
