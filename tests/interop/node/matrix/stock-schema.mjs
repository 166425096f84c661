// The interop test service, read from the public schema that Debian ships. The schema in this repository is not looked at, so that a
// mistake in it shows.

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const definitions = protoLoader.loadSync('grpc/testing/test.proto', {
  includeDirs: ['/usr/share/grpc-proto'],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
});

export const { TestService, UnimplementedService } = grpc.loadPackageDefinition(definitions).grpc.testing;
