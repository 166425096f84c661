// The contract for the stock gRPC-Web client: methods by name, with messages as plain objects.

import { GrpcWebClientBase, MethodDescriptor, MethodType } from '/libraries/grpc-web.js';

// As @grpc/proto-loader is told to in the tests that run in Node.
const OBJECTS = { longs: String, enums: String, defaults: true, oneofs: true };

export class Contract {
  #url;
  #client;
  #root;

  // The format is "binary" or "text", as the client calls them; the definitions are what protobufjs writes as JSON.
  constructor(url, format, definitions) {
    this.format = format;
    this.#url = url;
    this.#client = new GrpcWebClientBase({ format });
    this.#root = globalThis.protobuf.Root.fromJSON(definitions).resolveAll();
  }

  // Makes a call with one response.
  unary(service, method, request) {
    return this.#client.unaryCall(this.#path(service, method), request, {}, this.#describe(service, method, MethodType.UNARY));
  }

  // Makes a call with many responses and returns them with the status that ended it.
  stream(service, method, request) {
    const call = this.#client.serverStreaming(
      this.#path(service, method), request, {}, this.#describe(service, method, MethodType.SERVER_STREAMING));
    return new Promise((resolve, reject) => {
      const messages = [];
      let status;
      call.on('data', (message) => messages.push(message));
      call.on('status', (ended) => (status = ended));
      call.on('end', () => resolve({ messages, status }));
      call.on('error', reject);
    });
  }

  // Reads a message of some type.
  decode(type, bytes) {
    const found = this.#root.lookupType(type);
    return found.toObject(found.decode(bytes), OBJECTS);
  }

  #path(service, method) {
    return `${this.#url}/${service}/${method}`;
  }

  #describe(service, method, kind) {
    const { resolvedRequestType: request, resolvedResponseType: response } = this.#root.lookupService(service).methods[method];
    return new MethodDescriptor(
      `/${service}/${method}`, kind, Object, Object,
      (message) => request.encode(request.fromObject(message)).finish(),
      (bytes) => response.toObject(response.decode(bytes), OBJECTS));
  }
}
