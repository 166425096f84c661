// The contract as @grpc/proto-loader reads it at run time, and clients of it.

import path from 'node:path';

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

import { PROTO } from './repository.mjs';

const FILES = [
  'adam/v1/sessions.proto',
  'adam/v1/training.proto',
  'adam/v1/checkpoints.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
  'grpc/health/v1/health.proto',
];

const definitions = protoLoader.loadSync(FILES, {
  includeDirs: [PROTO],
  // Fields keep the names that the contract gives them.
  keepCase: true,
  // 64-bit integers arrive as decimal strings, because a JavaScript number would silently lose bits above 2^53. Numbers
  // may be sent, and the tests turn strings into numbers only where they know the value to be small.
  longs: String,
  enums: String,
  defaults: true,
  // Each oneof has a property that names the member that is set.
  oneofs: true,
});

const packages = grpc.loadPackageDefinition(definitions);

// A proxy from the environment would be asked even for loopback addresses. Channels share no connections, so that
// closing one closes its connection.
const CHANNEL_OPTIONS = { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1 };

export function connect(target) {
  const credentials = grpc.credentials.createInsecure();
  const { Sessions, Training, Checkpoints } = packages.adam.v1;
  const { Health } = packages.grpc.health.v1;
  const clients = {
    sessions: new Sessions(target, credentials, CHANNEL_OPTIONS),
    training: new Training(target, credentials, CHANNEL_OPTIONS),
    checkpoints: new Checkpoints(target, credentials, CHANNEL_OPTIONS),
    health: new Health(target, credentials, CHANNEL_OPTIONS),
  };
  const close = () => Object.values(clients).forEach((client) => client.close());
  return { ...clients, close };
}

// How the library writes and reads the messages of a method.
export const methodOf = (service, method) => definitions[service][method];

export const decodeStatus = (bytes) => definitions['google.rpc.Status'].deserialize(bytes);

export const decodeErrorInfo = (bytes) => definitions['google.rpc.ErrorInfo'].deserialize(bytes);

// The whole contract as protobufjs reads it where there are no files.
export function definitionsAsJson() {
  const root = new protobuf.Root();
  root.resolvePath = (_, file) => path.join(PROTO, file);
  return root.loadSync(FILES, { keepCase: true }).toJSON();
}
