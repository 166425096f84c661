// Stock @grpc/grpc-js in the interop tests: `peer.mjs server`, or `peer.mjs client --port N --case NAME...`.
//
// The server prints `port N` when it listens, and serves until its standard input ends. The client prints `NAME ok` or `NAME FAIL: why`
// for each case, and its exit code is 1 if one failed.

import { once } from 'node:events';
import { parseArgs } from 'node:util';

import grpc from '@grpc/grpc-js';

import { cases, Peer } from './cases.mjs';
import { implementation } from './service.mjs';
import { TestService } from './stock-schema.mjs';

async function serve() {
  const server = new grpc.Server();
  server.addService(TestService.service, implementation);
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  console.log(`port ${port}`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  server.forceShutdown();
}

async function call(port, names) {
  const peer = new Peer(port);
  for (const name of names) {
    try {
      await cases[name](peer);
      console.log(`${name} ok`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`${name} FAIL: ${String(error).replaceAll('\n', ' ')}`);
    }
  }
  peer.close();
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string' }, case: { type: 'string', multiple: true } },
});
await (positionals[0] === 'server' ? serve() : call(Number(values.port), values.case));

// Timers of calls that were given up would keep the process alive until their deadlines.
process.exit();
