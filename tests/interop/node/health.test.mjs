// What a load balancer asks, with a client made from the public schema.

import assert from 'node:assert/strict';
import test from 'node:test';

import grpc from '@grpc/grpc-js';

import { inTime, unary } from './lib/calls.mjs';
import { connect } from './lib/contract.mjs';
import { useService } from './lib/fixture.mjs';
import { ServiceProcess } from './lib/service-process.mjs';

const fixture = useService();

for (const service of ['', 'adam.v1.Training']) {
  test(`Check of "${service}" is SERVING`, fixture.watched(async () => {
    const response = await unary(fixture.health, 'Check', { service });
    assert.equal(response.status, 'SERVING');
  }));
}

test('Check of an unknown service is NOT_FOUND', fixture.watched(async () => {
  await assert.rejects(unary(fixture.health, 'Check', { service: 'adam.v1.Nothing' }), { code: grpc.status.NOT_FOUND });
}));

test('Watch streams SERVING first, and no longer when the service stops', async () => {
  const service = await ServiceProcess.start();
  const clients = connect(service.grpcTarget);
  try {
    const call = clients.health.Watch({ service: '' }, inTime());
    // An error reaches the reader through the iterator; without a listener of its own it would end the process.
    call.on('error', () => {});
    const statuses = call[Symbol.asyncIterator]();
    assert.equal((await statuses.next()).value.status, 'SERVING');

    service.askToStop();

    const { rest, error } = await untilTheEnd(statuses);
    assert.deepEqual(rest, ['NOT_SERVING']);
    assert.notEqual(error?.code, grpc.status.DEADLINE_EXCEEDED, "the stream outlived the service's stop");
    await service.stop();
  } finally {
    clients.close();
    await service.kill();
  }
});

async function untilTheEnd(statuses) {
  const rest = [];
  try {
    for await (const { status } of { [Symbol.asyncIterator]: () => statuses }) {
      rest.push(status);
    }
    return { rest };
  } catch (error) {
    return { rest, error };
  }
}
