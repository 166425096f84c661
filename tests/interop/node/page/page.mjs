// Runs in a browser: plays what the server of the page says, and tells it what came of each.

import { Contract } from './contract.mjs';
import { denied, large, refused, trained } from './scenarios.mjs';

const scenarios = { trained, large, refused, denied };

async function run() {
  const { definitions, plays } = await (await fetch('/settings')).json();
  const outcomes = [];
  for (const { url, format, scenario } of plays) {
    // One that fails is a failed test and keeps no other one from being played.
    outcomes.push(await scenarios[scenario](new Contract(url, format, definitions)).then(succeed, fail));
  }
  return outcomes;
}

async function report(result) {
  await fetch('/report', { method: 'POST', body: JSON.stringify(result) });
}

const succeed = (value) => ({ value });
const fail = (error) => ({ error: `${error.stack ?? error}` });

run().then(succeed, fail).then(report);
