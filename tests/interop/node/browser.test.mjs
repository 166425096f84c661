// Pages in a real browser with the stock gRPC-Web client, from an origin that is not the service's.

import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';

import { visit } from './lib/browser.mjs';
import { unary } from './lib/calls.mjs';
import { connect, definitionsAsJson } from './lib/contract.mjs';
import { KerasAdam } from './lib/keras-adam.mjs';
import { PageServer } from './lib/page-server.mjs';
import { assertRefusal, refusalOfCall } from './lib/refusals.mjs';
import { SelfSignedCertificate } from './lib/self-signed-certificate.mjs';
import { ServiceProcess } from './lib/service-process.mjs';

const UNKNOWN = 2;
const NOT_FOUND = 5;
const WIRES = ['HTTP/1.1', 'HTTP/2 with TLS'];
const FORMATS = ['binary', 'text'];
const SCENARIOS = ['trained', 'large', 'refused'];

const certificate = SelfSignedCertificate.make();
const services = {};
const plays = [];
let allowed;
let foreign;
let outcomes;

// One visit plays everything: to start a browser takes longer than all calls.
before(async () => {
  allowed = await PageServer.start();
  foreign = await PageServer.start();
  const settings = ['GrpcWeb:Enabled=true', `GrpcWeb:AllowedOrigins:0=${allowed.origin}`];
  services['HTTP/1.1'] = await ServiceProcess.start(...settings, 'GrpcWeb:Url=http://127.0.0.1:0');
  services['HTTP/2 with TLS'] = await ServiceProcess.start(
    ...settings, 'GrpcWeb:Url=https://127.0.0.1:0', `Tls:CertificateFile=${certificate.file}`, `Tls:KeyFile=${certificate.keyFile}`);
  for (const wire of WIRES) {
    for (const format of FORMATS) {
      plays.push(...SCENARIOS.map((scenario) => ({ wire, url: services[wire].grpcWebUrl, format, scenario })));
    }
  }
  outcomes = await visitAndPlay(allowed, plays);
});

after(async () => {
  certificate.remove();
  await Promise.all([...Object.values(services), allowed, foreign].map((started) => started?.stop()));
});

for (const wire of WIRES) {
  for (const format of FORMATS) {
    const came = (scenario) => valueOf(outcomes[plays.findIndex((play) => play.wire === wire && play.format === format && play.scenario === scenario)]);

    test(`A page trains and reads over ${wire}, ${format}`, () => {
      const { created, steps, kinds, weights, code } = came('trained');
      const replica = new KerasAdam(0.5, [Float32Array.of(1, 2, -3)]);

      assert.equal(created, true);
      for (const [index, step] of steps.entries()) {
        replica.apply([Float32Array.of(index + 1, -0.25, 0.125)]);
        assert.deepEqual(step, { outcome: 'BATCH_OUTCOME_APPLIED', weights: [...replica.weights[0]] });
      }
      assert.deepEqual({ kinds, weights, code }, { kinds: ['header', 'chunk', 'end'], weights: [...replica.weights[0]], code: 0 });
    });

    test(`A page reads a stream of many messages over ${wire}, ${format}`, () => {
      assert.deepEqual(came('large'), { messages: 100, elements: 100_000, wrong: -1, code: 0 });
    });

    test(`A page sees why it is refused over ${wire}, ${format}`, () => {
      const refusals = came('refused');

      assert.equal(refusals.length, 2);
      for (const { code, message, detailsCode, reason } of refusals) {
        assert.deepEqual({ code, detailsCode, reason }, { code: NOT_FOUND, detailsCode: NOT_FOUND, reason: 'SESSION_NOT_FOUND' });
        assert.match(message, /'nobody'/);
      }
    });
  }
}

test('A page of another origin is kept out by the browser', async () => {
  const service = services['HTTP/1.1'];

  const [outcome] = await visitAndPlay(foreign, [{ url: service.grpcWebUrl, format: 'binary', scenario: 'denied' }]);

  const { status, code, message } = valueOf(outcome);
  assert.deepEqual({ status, code }, { status: 'rejected', code: UNKNOWN });
  assert.match(message, /http status code: 0/);
  const { sessions, close } = connect(service.grpcTarget);
  try {
    const refusal = await refusalOfCall(unary(sessions, 'GetSession', { session: { session_id: 'denied' } }));
    assertRefusal(refusal, NOT_FOUND, 'SESSION_NOT_FOUND');
  } finally {
    close();
  }
});

// Loads the page of an origin and returns what came of what it played.
async function visitAndPlay(pages, plays) {
  const report = pages.expect({ definitions: definitionsAsJson(), plays });
  return valueOf(await visit(pages.origin, report, `--ignore-certificate-errors-spki-list=${certificate.keyHash}`));
}

function valueOf({ value, error }) {
  assert.equal(error, undefined);
  return value;
}
