"""Stock grpcio in the interop tests: `peer.py server`, or `peer.py client --port N --case NAME...`.

The server prints `port N` when it listens, and serves until its standard input ends. The client prints `NAME ok` or `NAME FAIL: why` for
each case, and its exit code is 1 if one failed.
"""

import argparse
import concurrent.futures
import sys

import grpc

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import cases  # noqa: E402
import service  # noqa: E402
from stock_schema import test_pb2_grpc  # noqa: E402
from wire_tap import WireTap  # noqa: E402

HANDLERS_MAX = 8


def serve() -> int:
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(HANDLERS_MAX))
    handler = service.TestService()
    test_pb2_grpc.add_TestServiceServicer_to_server(handler, server)
    handler.tap = WireTap(server.add_insecure_port("127.0.0.1:0"))
    server.start()
    print(f"port {handler.tap.port}", flush=True)
    sys.stdin.read()
    server.stop(grace=0).wait()
    return 0


def call(port: int, names: list) -> int:
    peer = cases.Peer(port)
    failed = 0
    for name in names:
        try:
            cases.ALL[name](peer)
            print(f"{name} ok", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"{name} FAIL: {type(error).__name__}: {str(error)}".replace("\n", " "), flush=True)
    peer.close()
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("server")
    client = verbs.add_parser("client")
    client.add_argument("--port", type=int, required=True)
    client.add_argument("--case", action="append", required=True)
    arguments = parser.parse_args()
    return serve() if arguments.verb == "server" else call(arguments.port, arguments.case)


if __name__ == "__main__":
    sys.exit(main())
