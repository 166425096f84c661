// The standard interop cases on stock @grpc/grpc-js. A case resolves, or rejects with what went wrong.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import grpc from '@grpc/grpc-js';

import { TestService, UnimplementedService } from './stock-schema.mjs';
import { incomingFlags } from './wire-watch.mjs';

const CASE_MS_MAX = 10_000;
const REQUEST_BYTES = 271_828;
const RESPONSE_BYTES = 314_159;
const STREAM_REQUEST_BYTES = [27_182, 8, 1_828, 45_904];
const STREAM_RESPONSE_BYTES = [31_415, 9, 2_653, 58_979];
const COMPRESSED_RESPONSE_BYTES = [31_415, 92_653];
const INITIAL = ['x-grpc-test-echo-initial', 'test_initial_metadata_value'];
const TRAILING = ['x-grpc-test-echo-trailing-bin', Buffer.from([0xab, 0xab, 0xab])];
const PLAIN_MESSAGE = 'test status message';
const SPECIAL_MESSAGE = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

// WriteFlags.NoCompress, which the library knows and does not export.
const NO_COMPRESS = 2;

// A proxy from the environment would be asked even for loopback addresses.
const CHANNEL_OPTIONS = { 'grpc.enable_http_proxy': 0 };
const GZIP_OPTIONS = { ...CHANNEL_OPTIONS, 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };

// The server of the tests, as cases see it.
export class Peer {
  constructor(port) {
    const target = `127.0.0.1:${port}`;
    const credentials = grpc.credentials.createInsecure();
    this.test = new TestService(target, credentials, CHANNEL_OPTIONS);
    this.compressing = new TestService(target, credentials, GZIP_OPTIONS);
    this.unimplemented = new UnimplementedService(target, credentials, CHANNEL_OPTIONS);
  }

  close() {
    [this.test, this.compressing, this.unimplemented].forEach((client) => client.close());
  }
}

const inTime = (milliseconds = CASE_MS_MAX) => ({ deadline: Date.now() + milliseconds });

const zeros = (size) => ({ body: Buffer.alloc(size) });

const largeRequest = (fields) => ({ response_size: RESPONSE_BYTES, payload: zeros(REQUEST_BYTES), ...fields });

const streamRequest = (responseBytes, requestBytes) => ({
  response_parameters: [{ size: responseBytes }],
  payload: zeros(requestBytes),
});

function checkZeros(size, payload) {
  assert.equal(payload.body.length, size, 'length of the payload');
  assert.ok(payload.body.equals(Buffer.alloc(size)), 'the payload is not all zeros');
}

const checkLarge = (response) => checkZeros(RESPONSE_BYTES, response.payload);

// Makes a call with one request, and gives its response and the call.
function unary(client, method, request, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    const call = client[method](request, metadata, inTime(), (error, response) => {
      if (error) {
        reject(error);
      } else {
        resolve({ response, call });
      }
    });
    call.headers = once(call, 'metadata');
    call.status = once(call, 'status');
  });
}

// A call with many responses, which are read one by one.
function reader(call) {
  // An error reaches the reader through the iterator; without a listener of its own it would end the process.
  call.on('error', () => {});
  const headers = once(call, 'metadata');
  headers.catch(() => {});
  const status = new Promise((resolve) => call.on('status', resolve));
  const responses = call[Symbol.asyncIterator]();
  return {
    headers,
    status,
    async next(size) {
      const { done, value } = await responses.next();
      assert.ok(!done, 'the stream ended where another response was expected');
      checkZeros(size, value.payload);
    },
    async end() {
      assert.ok((await responses.next()).done, 'there is another response');
    },
  };
}

const failsWith = (code, call) => assert.rejects(call, (error) => {
  assert.equal(error.code, code, `status (${error.message})`);
  return true;
});

async function emptyUnary({ test }) {
  assert.deepEqual((await unary(test, 'EmptyCall', {})).response, {});
}

async function largeUnary({ test }) {
  checkLarge((await unary(test, 'UnaryCall', largeRequest())).response);
}

// The library takes the flags of a write in the place of its encoding, which Node's own streams do not let through: so past them.
async function writeAll(call, requests) {
  for (const { request, flags } of requests) {
    await new Promise((done) => {
      call._write(request, flags, done);
    });
  }
}

// Sends requests, each with its flags, and gives the size that the server counts.
function sendAll(client, requests) {
  return new Promise((resolve, reject) => {
    const call = client.StreamingInputCall(inTime(), (error, response) => {
      if (error) {
        reject(error);
      } else {
        resolve(response.aggregated_payload_size);
      }
    });
    writeAll(call, requests).then(() => call.end(), reject);
  });
}

const counted = (size, fields, flags = 0) => ({ request: { payload: zeros(size), ...fields }, flags });

async function clientStreaming({ test }) {
  assert.equal(await sendAll(test, STREAM_REQUEST_BYTES.map((size) => counted(size))), 74_922);
}

async function serverStreaming({ test }) {
  const request = { response_parameters: STREAM_RESPONSE_BYTES.map((size) => ({ size })) };
  const responses = reader(test.StreamingOutputCall(request, inTime()));
  for (const size of STREAM_RESPONSE_BYTES) {
    await responses.next(size);
  }
  await responses.end();
}

async function pingPong({ test }) {
  const call = test.FullDuplexCall(inTime());
  const responses = reader(call);
  for (const [index, size] of STREAM_RESPONSE_BYTES.entries()) {
    call.write(streamRequest(size, STREAM_REQUEST_BYTES[index]));
    await responses.next(size);
  }
  call.end();
  await responses.end();
}

async function emptyStream({ test }) {
  const call = test.FullDuplexCall(inTime());
  call.end();
  await reader(call).end();
}

async function clientCompressedUnary({ test, compressing }) {
  const request = (value) => largeRequest({ expect_compressed: { value } });
  await failsWith(grpc.status.INVALID_ARGUMENT, unary(test, 'UnaryCall', request(true)));
  checkLarge((await unary(compressing, 'UnaryCall', request(true))).response);
  checkLarge((await unary(test, 'UnaryCall', request(false))).response);
}

async function serverCompressedUnary({ test }) {
  for (const value of [true, false]) {
    checkLarge((await unary(test, 'UnaryCall', largeRequest({ response_compressed: { value } }))).response);
    assert.deepEqual(incomingFlags(), [Number(value)], 'flags of responses');
  }
}

async function clientCompressedStreaming({ test, compressing }) {
  const lie = [counted(27_182, { expect_compressed: { value: true } })];
  await failsWith(grpc.status.INVALID_ARGUMENT, sendAll(test, lie));
  const size = await sendAll(compressing, [
    counted(27_182, { expect_compressed: { value: true } }),
    counted(45_904, { expect_compressed: { value: false } }, NO_COMPRESS),
  ]);
  assert.equal(size, 73_086);
}

async function serverCompressedStreaming({ test }) {
  const parameters = COMPRESSED_RESPONSE_BYTES.map((size, index) => ({ size, compressed: { value: index === 0 } }));
  const responses = reader(test.StreamingOutputCall({ response_parameters: parameters }, inTime()));
  for (const size of COMPRESSED_RESPONSE_BYTES) {
    await responses.next(size);
  }
  await responses.end();
  assert.deepEqual(incomingFlags(), [1, 0], 'flags of responses');
}

const asked = (message) => ({ response_status: { code: grpc.status.UNKNOWN, message } });

async function checkUnaryStatus(test, message) {
  await assert.rejects(unary(test, 'UnaryCall', asked(message)), { code: grpc.status.UNKNOWN, details: message });
}

async function statusCodeAndMessage({ test }) {
  await checkUnaryStatus(test, PLAIN_MESSAGE);
  const call = test.FullDuplexCall(inTime());
  const responses = reader(call);
  call.write(asked(PLAIN_MESSAGE));
  call.end();
  await assert.rejects(responses.end(), { code: grpc.status.UNKNOWN, details: PLAIN_MESSAGE });
}

const specialStatusMessage = ({ test }) => checkUnaryStatus(test, SPECIAL_MESSAGE);

function echoed() {
  const metadata = new grpc.Metadata();
  [INITIAL, TRAILING].forEach(([key, value]) => metadata.set(key, value));
  return metadata;
}

function checkEcho(headers, trailers) {
  assert.deepEqual(headers.get(INITIAL[0]), [INITIAL[1]], 'header');
  assert.deepEqual(trailers.get(TRAILING[0]), [TRAILING[1]], 'trailer');
}

async function customMetadata({ test }) {
  const { response, call } = await unary(test, 'UnaryCall', largeRequest(), echoed());
  checkLarge(response);
  const [headers] = await call.headers;
  const [status] = await call.status;
  checkEcho(headers, status.metadata);

  const stream = test.FullDuplexCall(echoed(), inTime());
  const responses = reader(stream);
  stream.write(streamRequest(STREAM_RESPONSE_BYTES[0], STREAM_REQUEST_BYTES[0]));
  await responses.next(STREAM_RESPONSE_BYTES[0]);
  stream.end();
  await responses.end();
  checkEcho((await responses.headers)[0], (await responses.status).metadata);
}

const unimplementedMethod = ({ test }) => failsWith(grpc.status.UNIMPLEMENTED, unary(test, 'UnimplementedCall', {}));

const unimplementedService = ({ unimplemented }) =>
  failsWith(grpc.status.UNIMPLEMENTED, unary(unimplemented, 'UnimplementedCall', {}));

async function cancelAfterBegin({ test }) {
  const ended = new Promise((resolve, reject) => {
    const call = test.StreamingInputCall(inTime(), (error, response) => (error ? reject(error) : resolve(response)));
    call.cancel();
  });
  await failsWith(grpc.status.CANCELLED, ended);
}

async function cancelAfterFirstResponse({ test }) {
  const call = test.FullDuplexCall(inTime());
  const responses = reader(call);
  call.write(streamRequest(STREAM_RESPONSE_BYTES[0], STREAM_REQUEST_BYTES[0]));
  await responses.next(STREAM_RESPONSE_BYTES[0]);
  call.cancel();
  await failsWith(grpc.status.CANCELLED, responses.end());
}

async function timeoutOnSleepingServer({ test }) {
  const call = test.FullDuplexCall(inTime(1));
  const responses = reader(call);
  call.write({ payload: zeros(STREAM_REQUEST_BYTES[0]) });
  await failsWith(grpc.status.DEADLINE_EXCEEDED, responses.end());
}

export const cases = {
  empty_unary: emptyUnary,
  large_unary: largeUnary,
  client_streaming: clientStreaming,
  server_streaming: serverStreaming,
  ping_pong: pingPong,
  empty_stream: emptyStream,
  client_compressed_unary: clientCompressedUnary,
  server_compressed_unary: serverCompressedUnary,
  client_compressed_streaming: clientCompressedStreaming,
  server_compressed_streaming: serverCompressedStreaming,
  status_code_and_message: statusCodeAndMessage,
  special_status_message: specialStatusMessage,
  custom_metadata: customMetadata,
  unimplemented_method: unimplementedMethod,
  unimplemented_service: unimplementedService,
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirstResponse,
  timeout_on_sleeping_server: timeoutOnSleepingServer,
};
