// Notes which messages are compressed. @grpc/grpc-js tells neither its clients nor its handlers, so the HTTP/2 streams that it opens or is
// given are listened to as well: in gRPC, their bytes are a sequence of messages with five bytes before each, of which the first is the
// flag. Good for one call at a time: the youngest stream is the call that is looked at.

import http2 from 'node:http2';

const PREFIX_BYTES = 5;

class Messages {
  flags = [];
  #prefix = Buffer.alloc(0);
  #left = 0;

  feed(data) {
    let rest = data;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, rest.length);
        this.#left -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const taken = PREFIX_BYTES - this.#prefix.length;
      this.#prefix = Buffer.concat([this.#prefix, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      if (this.#prefix.length === PREFIX_BYTES) {
        this.flags.push(this.#prefix[0]);
        this.#left = this.#prefix.readUInt32BE(1);
        this.#prefix = Buffer.alloc(0);
      }
    }
  }
}

let youngest = new Messages();

// The flags of the messages that came in with the youngest stream.
export const incomingFlags = () => youngest.flags;

function watch(stream) {
  const messages = new Messages();
  youngest = messages;
  stream.on('data', (data) => messages.feed(data));
  return stream;
}

const { connect, createServer } = http2;

http2.connect = (...connectArguments) => {
  const session = connect(...connectArguments);
  const request = session.request.bind(session);
  session.request = (...requestArguments) => watch(request(...requestArguments));
  return session;
};

http2.createServer = (...serverArguments) => createServer(...serverArguments).on('stream', watch);
