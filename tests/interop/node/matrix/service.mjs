// The interop test service on stock @grpc/grpc-js.

import { setTimeout as pause } from 'node:timers/promises';

import grpc from '@grpc/grpc-js';

import { incomingFlags } from './wire-watch.mjs';

const INITIAL_KEY = 'x-grpc-test-echo-initial';
const TRAILING_KEY = 'x-grpc-test-echo-trailing-bin';

const payload = (size) => ({ body: Buffer.alloc(size) });

function status(code, message, trailers) {
  return Object.assign(new Error(message), { code, details: message, metadata: trailers });
}

// Sends the header that is to come back, and gives the trailers.
function echoMetadata(call) {
  const headers = new grpc.Metadata();
  const trailers = new grpc.Metadata();
  call.metadata.get(INITIAL_KEY).forEach((value) => headers.add(INITIAL_KEY, value));
  call.metadata.get(TRAILING_KEY).forEach((value) => trailers.add(TRAILING_KEY, value));
  call.sendMetadata(headers);
  return trailers;
}

function askedStatus(request) {
  const asked = request.response_status;
  return asked?.code ? status(asked.code, asked.message) : null;
}

function wrongCompression(request, index) {
  const isCompressed = incomingFlags()[index] === 1;
  return request.expect_compressed !== null && request.expect_compressed.value !== isCompressed
    ? status(grpc.status.INVALID_ARGUMENT, `request ${index}: compressed is ${isCompressed}, and it says otherwise`)
    : null;
}

// A server of @grpc/grpc-js compresses nothing, whatever it is asked.
async function answer(request, call) {
  const asked = askedStatus(request);
  if (asked !== null) {
    throw asked;
  }
  for (const parameters of request.response_parameters) {
    if (parameters.interval_us > 0) {
      await pause(parameters.interval_us / 1000);
    }
    call.write({ payload: payload(parameters.size) });
  }
}

// Responses still go out when all requests have come: reading to the end must not close the call.
const requestsOf = (call) => call.iterator({ destroyOnReturn: false });

async function answerAll(requests, call, trailers) {
  try {
    for await (const request of requests) {
      await answer(request, call);
    }
    call.end(trailers);
  } catch (error) {
    if (!call.cancelled) {
      call.emit('error', error);
    }
  }
}

export const implementation = {
  EmptyCall: (call, done) => done(null, {}, echoMetadata(call)),

  UnaryCall(call, done) {
    const error = wrongCompression(call.request, 0) ?? askedStatus(call.request);
    const trailers = echoMetadata(call);
    done(error, { payload: payload(call.request.response_size) }, trailers);
  },

  StreamingInputCall(call, done) {
    let index = 0;
    let size = 0;
    let error = null;
    call.on('data', (request) => {
      error ??= wrongCompression(request, index);
      index += 1;
      size += request.payload.body.length;
    });
    call.on('end', () => done(error, { aggregated_payload_size: size }));
    call.on('error', () => {});
  },

  StreamingOutputCall: (call) => answerAll([call.request], call, echoMetadata(call)),

  FullDuplexCall: (call) => answerAll(requestsOf(call), call, echoMetadata(call)),

  async HalfDuplexCall(call) {
    const requests = [];
    for await (const request of requestsOf(call)) {
      requests.push(request);
    }
    await answerAll(requests, call, new grpc.Metadata());
  },
};
