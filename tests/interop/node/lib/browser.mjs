// Chromium without a window.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const PAGE_MS_MAX = 120_000;
const STOP_MS_MAX = 10_000;

const OPTIONS = [
  '--headless=new',
  // It loads nothing but the pages of these tests, and root has no sandbox.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-proxy-server',
];

// Loads a page and resolves to what the promise of its report does. A browser that ends before, or a page that says nothing, is an error.
export async function visit(url, report, ...options) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'adam-browser-'));
  const logPath = path.join(folder, 'browser.log');
  const log = fs.openSync(logPath, 'w');
  const browser = spawn(
    process.env.ADAM_CHROMIUM || 'chromium',
    [...OPTIONS, ...options, `--user-data-dir=${path.join(folder, 'profile')}`, url],
    // A group of its own: the processes that it starts end with it.
    { stdio: ['ignore', log, log], env: { ...process.env, HOME: folder }, detached: true });
  fs.closeSync(log);
  const exited = once(browser, 'exit');
  const tooLate = new AbortController();
  try {
    return await Promise.race([
      report,
      exited.then(([code]) => explain(`the browser ended with exit code ${code}`, logPath)),
      pause(PAGE_MS_MAX, undefined, { signal: tooLate.signal }).then(() => explain(`the page reported nothing within ${PAGE_MS_MAX} ms`, logPath)),
    ]);
  } finally {
    tooLate.abort();
    await stop(browser, exited);
    remove(folder);
  }
}

function explain(what, logPath) {
  throw new Error(`${what}\n${fs.readFileSync(logPath, 'utf8')}`);
}

// What a process that is just ending still writes is no failure of a page.
function remove(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch (error) {
    console.error(`${folder} was left: ${error.message}`);
  }
}

async function stop(browser, exited) {
  if (browser.pid === undefined) {
    return;
  }
  const tooLate = new AbortController();
  browser.kill();
  await Promise.race([exited, pause(STOP_MS_MAX, undefined, { signal: tooLate.signal }).then(() => browser.kill('SIGKILL'), () => {})]);
  tooLate.abort();
  await exited;
  try {
    process.kill(-browser.pid, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
}
