"""The programs that take part in the matrix. All have one command line: `server`, and `client --port N --case NAME...`."""

import os
import pathlib

TESTS = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_HOST_DLL = TESTS / "Interop.Host" / "bin" / "Release" / "net10.0" / "Interop.Host.dll"

OURS = "ours"
PYTHON = "python"
NODE = "node"

COMMANDS = {
    OURS: ["dotnet", os.environ.get("ADAM_INTEROP_DLL") or str(DEFAULT_HOST_DLL)],
    PYTHON: ["/usr/bin/python3", str(TESTS / "interop" / "python" / "matrix" / "peer.py")],
    NODE: ["node", str(TESTS / "interop" / "node" / "matrix" / "peer.mjs")],
}

# Client and server.
PAIRS = ((OURS, PYTHON), (PYTHON, OURS), (OURS, NODE), (NODE, OURS), (OURS, OURS))

CASES = (
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "client_compressed_unary",
    "server_compressed_unary",
    "client_compressed_streaming",
    "server_compressed_streaming",
    "status_code_and_message",
    "special_status_message",
    "custom_metadata",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
)

# What a stock library cannot do as a server, and what the case then complains of. These cases are tried all the same: one that passes after
# all, or that fails by anything else, is a failure.
_COMPRESSES_NOTHING = ("a server of @grpc/grpc-js compresses nothing", "compressed responses")
SERVER_GAPS = {
    (NODE, "server_compressed_unary"): _COMPRESSES_NOTHING,
    (NODE, "server_compressed_streaming"): _COMPRESSES_NOTHING,
}
