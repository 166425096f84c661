// The calls on a session that most tests need.

import assert from 'node:assert/strict';

import { collect, inTime, unary } from './calls.mjs';
import { assemble, toBytes } from './chunks.mjs';

// Creates a float32 session that must not have been there.
export async function createSession(sessions, sessionId, learningRate, tensors, weights) {
  const response = await unary(sessions, 'CreateSession', {
    session_id: sessionId,
    optimizer: { groups: [{ learning_rate: { value: learningRate } }] },
    tensors: tensors.map(({ name, shape }) => ({ name, shape, dtype: 'DTYPE_FLOAT32' })),
    initial_values: weights.map((values, index) => ({ tensor_index: index, data: toBytes(values) })),
    durability: { tier: 'DURABILITY_TIER_MEMORY' },
  });
  assert.ok(response.created, `session ${sessionId} was there already`);
  assert.equal(response.session.state, 'SESSION_STATE_READY');
  return response.session;
}

export async function getSession(sessions, sessionId) {
  const { session } = await unary(sessions, 'GetSession', { session: { session_id: sessionId } });
  return session;
}

// Reads whole slots of all tensors and checks that the stream has the form that the contract gives it.
export async function readTensors(training, sessionId, sizes, slots) {
  const messages = await collect(training.ReadTensors({ session: { session_id: sessionId }, slots }, inTime()));
  const chunks = messages.slice(1, -1);
  const kinds = messages.map(({ message }) => message);
  assert.deepEqual(kinds, ['header', ...chunks.map(() => 'chunk'), 'end']);
  assert.equal(messages.at(-1).end.version, messages[0].header.version);
  const slotsByName = Object.fromEntries(
    slots.map((slot) => [slot, assemble(chunks.map(({ chunk }) => chunk), slot, sizes)]),
  );
  return { version: messages[0].header.version, slots: slotsByName };
}

export function stepRequest(sessionId, sequence, gradients) {
  return {
    session: { session_id: sessionId },
    worker_id: 'worker',
    begin: { sequence, all_tensors: {}, reply: { kind: 'REPLY_KIND_WEIGHTS' } },
    gradients: gradients.map((values, index) => ({ tensor_index: index, data: toBytes(values) })),
  };
}

export function openMessage(sessionId) {
  return {
    session: { session_id: sessionId },
    worker_id: 'worker',
    default_reply: { kind: 'REPLY_KIND_WEIGHTS' },
  };
}
