// One service per test file, clients of it, and its log if a test fails.

import { after, before } from 'node:test';

import { connect } from './contract.mjs';
import { ServiceProcess } from './service-process.mjs';

// Registers the hooks of the calling file. What it returns is filled in before the first test runs.
export function useService() {
  const fixture = {};
  let failed = false;
  before(async () => {
    fixture.service = await ServiceProcess.start();
    Object.assign(fixture, connect(fixture.service.grpcTarget));
  });
  after(async () => {
    if (failed) {
      console.error(`--- log of the service\n${fixture.service.log}\n---`);
    }
    fixture.close?.();
    await fixture.service?.stop();
  });
  fixture.watched = (test) => async (context) => {
    try {
      await test(context);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  return fixture;
}
