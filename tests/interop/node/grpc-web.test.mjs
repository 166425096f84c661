// What a page in a browser does: calls over gRPC-Web with fetch, as bytes and as text.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';

import { decodeStatus } from './lib/contract.mjs';
import { call } from './lib/grpc-web.mjs';
import { ServiceProcess } from './lib/service-process.mjs';

const ORIGIN = 'https://page.example';
let service;

before(async () => {
  service = await ServiceProcess.start(
    'GrpcWeb:Enabled=true', 'GrpcWeb:Url=http://127.0.0.1:0', `GrpcWeb:AllowedOrigins:0=${ORIGIN}`);
});

after(() => service?.stop());

for (const asText of [false, true]) {
  const name = asText ? 'text' : 'bytes';

  test(`A session is made, trained and read as ${name}`, async () => {
    const session_id = `web-${name}`;
    const created = await call(service.grpcWebUrl, 'adam.v1.Sessions', 'CreateSession', {
      session_id,
      optimizer: { groups: [{ adam: {} }] },
      tensors: [{ name: 't', shape: [2], dtype: 'DTYPE_FLOAT32' }],
      initial_values: [{ tensor_index: 0, data: Buffer.from(new Float32Array([1, 2]).buffer) }],
    }, { asText, origin: ORIGIN });
    const read = await call(service.grpcWebUrl, 'adam.v1.Training', 'ReadTensors', {
      session: { session_id },
      slots: ['SLOT_WEIGHTS'],
    }, { asText });

    assert.deepEqual([created.status, created.messages.length, created.messages[0].created], [0, 1, true]);
    assert.equal(created.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(read.status, 0);
    assert.deepEqual(read.messages.map(({ message }) => message), ['header', 'chunk', 'end']);
    const { data } = read.messages[1].chunk;
    assert.deepEqual([data.readFloatLE(0), data.readFloatLE(4)], [1, 2]);
  });

  test(`A refusal as ${name} has its details`, async () => {
    const { status, messages, headers } = await call(
      service.grpcWebUrl, 'adam.v1.Sessions', 'GetSession', { session: { session_id: 'nobody' } }, { asText });

    assert.deepEqual([status, messages], [5, []]);
    assert.equal(decodeStatus(Buffer.from(headers.get('grpc-status-details-bin'), 'base64')).code, 5);
  });
}

test('A page of another origin gets no permission', async () => {
  const ask = (origin) => fetch(`${service.grpcWebUrl}/adam.v1.Sessions/GetSession`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-grpc-web' },
  });

  assert.equal((await ask(ORIGIN)).headers.get('access-control-allow-origin'), ORIGIN);
  assert.equal((await ask('https://other.example')).headers.get('access-control-allow-origin'), null);
});
