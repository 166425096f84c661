// The service as a process of its own, on loopback ports that the system picks.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { DEFAULT_SERVICE_DLL } from './repository.mjs';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const POLL_MS = 50;

export class ServiceProcess {
  #folder;
  #logPath;
  #process;
  #exited;

  // Starts the service and waits until it listens.
  static async start(...settings) {
    const service = new ServiceProcess(settings);
    try {
      const addresses = await service.#waitForAddresses();
      service.grpcTarget = addresses.grpc.replace('http://', '');
      service.grpcWebUrl = addresses.grpcWeb;
      return service;
    } catch (error) {
      await service.kill();
      throw error;
    }
  }

  constructor(settings = []) {
    const dll = process.env.ADAM_SERVICE_DLL || DEFAULT_SERVICE_DLL;
    if (!fs.existsSync(dll)) {
      throw new Error(`${dll} is not there: build src/AdamService, or name another one in ADAM_SERVICE_DLL`);
    }
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'adam-service-'));
    this.#logPath = path.join(this.#folder, 'service.log');
    const log = fs.openSync(this.#logPath, 'w');
    const urls = ['--grpc-url', 'http://127.0.0.1:0', '--http-url', 'http://127.0.0.1:0'];
    const files = ['--address-file', this.#addressFile, '--stop-with-stdin'];
    this.#process = spawn('dotnet', [dll, 'serve', ...urls, ...files, ...settings.flatMap((setting) => ['--set', setting])], {
      // Unless a test says where, nothing is kept.
      env: { ADAM_Durability__Directory: '', ...process.env },
      stdio: ['pipe', log, log],
    });
    fs.closeSync(log);
    this.#exited = once(this.#process, 'exit');
    // Whoever waits for the exit sees the failure to start; until then it must not count as unhandled.
    this.#exited.catch(() => {});
  }

  // Everything that the service has printed so far.
  get log() {
    return fs.existsSync(this.#logPath) ? fs.readFileSync(this.#logPath, 'utf8') : '';
  }

  // Closes the service's stdin, upon which it stops gracefully.
  askToStop() {
    this.#process.stdin.end();
  }

  // Asks the service to stop and waits until it has. A service that does not, or that fails on its way, is an error.
  async stop() {
    this.askToStop();
    const tooLate = new AbortController();
    const outcome = await Promise.race([this.#exited, pause(STOP_MS_MAX, 'too late', { signal: tooLate.signal })]);
    tooLate.abort();
    const log = this.log;
    await this.kill();
    if (outcome === 'too late') {
      throw new Error(`the service did not stop in ${STOP_MS_MAX} ms after its stdin was closed\n${log}`);
    }
    const [exitCode] = outcome;
    if (exitCode !== 0) {
      throw new Error(`the service stopped with exit code ${exitCode}\n${log}`);
    }
  }

  // Ends the process by force if it still runs, and removes its files.
  async kill() {
    if (this.#process.pid !== undefined && !this.#hasExited) {
      this.#process.kill('SIGKILL');
      await this.#exited;
    }
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  get #hasExited() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get #addressFile() {
    return path.join(this.#folder, 'addresses.json');
  }

  async #waitForAddresses() {
    const deadline = performance.now() + START_MS_MAX;
    while (!fs.existsSync(this.#addressFile)) {
      if (this.#hasExited) {
        throw new Error(`the service ended with exit code ${this.#process.exitCode} before it listened\n${this.log}`);
      }
      if (performance.now() > deadline) {
        throw new Error(`the service did not listen within ${START_MS_MAX} ms\n${this.log}`);
      }
      // A failure to start at all rejects the promise of the exit, and with it this wait.
      await Promise.race([this.#exited, pause(POLL_MS)]);
    }
    return JSON.parse(fs.readFileSync(this.#addressFile, 'utf8'));
  }
}
