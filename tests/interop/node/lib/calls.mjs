// Calls of the stock client as promises and as streams that are read message by message.

import assert from 'node:assert/strict';
import { once } from 'node:events';

// Every call has a deadline, so that a service that hangs is a failed test and not a hanging one.
const CALL_MS_MAX = 60_000;

export const inTime = (milliseconds = CALL_MS_MAX) => ({ deadline: Date.now() + milliseconds });

// Makes a unary call and resolves to its response.
export function unary(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, inTime(), (error, response) => (error ? reject(error) : resolve(response)));
  });
}

// Reads a server stream to its end.
export async function collect(call) {
  const messages = [];
  for await (const message of call) {
    messages.push(message);
  }
  return messages;
}

// The client half of a Train stream.
export class TrainStream {
  #call;
  #messages;

  static async open(training, openMessage, milliseconds) {
    const stream = new TrainStream(training.Train(inTime(milliseconds)));
    await stream.send({ open: openMessage });
    stream.opened = await stream.receive('opened');
    return stream;
  }

  constructor(call) {
    this.#call = call;
    this.#messages = call[Symbol.asyncIterator]();
    // An error reaches the reader through the iterator; without a listener of its own it would end the process.
    call.on('error', () => {});
  }

  async send(message) {
    if (!this.#call.write(message)) {
      await once(this.#call, 'drain');
    }
  }

  // The next message, which must be of this kind.
  async receive(kind) {
    const { done, value } = await this.#messages.next();
    assert.ok(!done, `the stream ended where \`${kind}\` was expected`);
    assert.equal(value.message, kind, `unexpected ${JSON.stringify(value)}`);
    return value[kind];
  }

  async sendBatch(begin, chunks, commit = {}) {
    await this.send({ begin });
    for (const chunk of chunks) {
      await this.send({ chunk });
    }
    await this.send({ commit });
  }

  // The chunks of the reply to the last result.
  async receiveReply(sequence, version) {
    const chunks = [];
    for (;;) {
      const { done, value } = await this.#messages.next();
      assert.ok(!done, 'the stream ended in the middle of a reply');
      if (value.message === 'reply_end') {
        assert.deepEqual([value.reply_end.sequence, value.reply_end.version], [sequence, version]);
        return chunks;
      }
      assert.equal(value.message, 'chunk');
      chunks.push(value.chunk);
    }
  }

  // Closes the sending side and waits for the end of the stream, which must be a good one.
  async finish() {
    this.#call.end();
    const { done, value } = await this.#messages.next();
    assert.ok(done, `the end of the stream was expected, not ${JSON.stringify(value)}`);
  }

  cancel() {
    this.#call.cancel();
  }
}
