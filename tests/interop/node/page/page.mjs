// Runs in a browser: plays what the server of the page says, and tells it what came of each.

import { Contract } from './contract.mjs';
import { denied, large, refused, trained } from './scenarios.mjs';

// Far more than a scenario takes, and far less than a test waits for the page.
const SCENARIO_MS_MAX = 20_000;

const scenarios = { trained, large, refused, denied };

async function run() {
  const { definitions, plays } = await (await fetch('/settings')).json();
  const outcomes = [];
  for (const { url, format, scenario } of plays) {
    // One that fails or hangs is a failed test and keeps no other one from being played.
    const played = scenarios[scenario](new Contract(url, format, definitions));
    outcomes.push(await Promise.race([played, tooLate()]).then(succeed, fail));
  }
  return outcomes;
}

function tooLate() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no end within ${SCENARIO_MS_MAX} ms`)), SCENARIO_MS_MAX);
  });
}

async function report(result) {
  await fetch('/report', { method: 'POST', body: JSON.stringify(result) });
}

const succeed = (value) => ({ value });
const fail = (error) => ({ error: `${error.stack ?? error}` });

run().then(succeed, fail).then(report);
