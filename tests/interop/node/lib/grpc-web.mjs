// A gRPC-Web client in a few lines, over the fetch that browsers have.

import { methodOf } from './contract.mjs';

const TRAILERS = 0x80;
const PREFIX_BYTES = 5;

// Calls a method; asText sends and takes base64. Returns the messages, the status, and the response's headers.
export async function call(url, service, method, request, { asText = false, origin } = {}) {
  const { path, requestSerialize, responseDeserialize } = methodOf(service, method);
  const message = requestSerialize(request);
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), message]);
  body.writeUInt32BE(message.length, 1);
  const type = asText ? 'application/grpc-web-text' : 'application/grpc-web+proto';
  const headers = { 'content-type': type, accept: type, 'x-grpc-web': '1', ...(origin && { origin }) };
  const response = await fetch(url + path, { method: 'POST', headers, body: asText ? body.toString('base64') : body });
  const bytes = asText ? fromPieces(await response.text()) : Buffer.from(await response.arrayBuffer());
  const { messages, trailers } = readFrames(bytes);
  const status = trailers.get('grpc-status') ?? response.headers.get('grpc-status');
  return { messages: messages.map(responseDeserialize), status: Number(status), headers: response.headers, trailers };
}

// Each piece of base64 may have padding of its own.
function fromPieces(text) {
  return Buffer.concat((text.match(/[^=]+=*/g) ?? []).map((piece) => Buffer.from(piece, 'base64')));
}

function readFrames(bytes) {
  const messages = [];
  const trailers = new Map();
  for (let at = 0; at < bytes.length; ) {
    const end = at + PREFIX_BYTES + bytes.readUInt32BE(at + 1);
    const payload = bytes.subarray(at + PREFIX_BYTES, end);
    if (bytes[at] === TRAILERS) {
      for (const line of payload.toString('latin1').split('\r\n').filter(Boolean)) {
        const colon = line.indexOf(':');
        trailers.set(line.slice(0, colon), line.slice(colon + 1).trim());
      }
    } else {
      messages.push(payload);
    }
    at = end;
  }
  return { messages, trailers };
}
