// An origin of its own for the page that makes calls: serves its files, tells it what to do, and takes its report.

import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const NODE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const FILES = {
  '/': ['page/index.html', 'text/html'],
  '/page.mjs': ['page/page.mjs', 'text/javascript'],
  '/contract.mjs': ['page/contract.mjs', 'text/javascript'],
  '/scenarios.mjs': ['page/scenarios.mjs', 'text/javascript'],
  '/libraries/grpc-web.js': ['node_modules/grpc-web/index.esm.js', 'text/javascript'],
  '/libraries/protobuf.js': ['node_modules/protobufjs/dist/protobuf.min.js', 'text/javascript'],
};

export class PageServer {
  #server;
  #settings;
  #report;

  static async start() {
    const pages = new PageServer();
    pages.#server.listen(0, '127.0.0.1');
    await once(pages.#server, 'listening');
    return pages;
  }

  constructor() {
    this.#server = http.createServer((request, response) => {
      this.#answer(request, response).catch((error) => response.destroy(error));
    });
  }

  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  // Says what the page is to do when it is loaded next, and resolves to what it reports then.
  expect(settings) {
    this.#settings = settings;
    return new Promise((resolve) => (this.#report = resolve));
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request, response) {
    const file = FILES[request.url];
    if (file) {
      response.setHeader('content-type', `${file[1]}; charset=utf-8`);
      response.end(fs.readFileSync(path.join(NODE, file[0])));
    } else if (request.url === '/settings') {
      response.end(JSON.stringify(this.#settings));
    } else if (request.url === '/report') {
      this.#report(JSON.parse(await text(request)));
      response.end();
    } else {
      response.writeHead(404).end();
    }
  }
}
