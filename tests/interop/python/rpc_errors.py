"""What a failed call or a refused batch says, read as any stock client would read it."""

import dataclasses
import unittest
from typing import Dict

import grpc

from stubs import error_details_pb2, errors_pb2, status_pb2

DETAILS_TRAILER = "grpc-status-details-bin"
DOMAIN = "adam.v1"


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A status with the one ErrorInfo that it carries."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: Dict[str, str]


def refusal_of_status(test: unittest.TestCase, status: status_pb2.Status) -> Refusal:
    """Reads a google.rpc.Status, which must carry exactly one ErrorInfo of this contract."""
    test.assertEqual(1, len(status.details), f"details of {status}")
    info = error_details_pb2.ErrorInfo()
    test.assertTrue(status.details[0].Unpack(info), f"the detail is a {status.details[0].type_url}")
    test.assertEqual(DOMAIN, info.domain)
    # A reason outside of the enum would be one that no client can look up.
    test.assertIn(f"ERROR_REASON_{info.reason}", errors_pb2.ErrorReason.keys())
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    return Refusal(code, status.message, info.reason, dict(info.metadata))


def refusal_of_call(test: unittest.TestCase, error: grpc.RpcError) -> Refusal:
    """Reads the details trailer of a failed call and checks that it agrees with the call's own status."""
    trailers = dict(error.trailing_metadata())
    test.assertIn(DETAILS_TRAILER, trailers, f"{error.code()}: {error.details()}")
    refusal = refusal_of_status(test, status_pb2.Status.FromString(trailers[DETAILS_TRAILER]))
    test.assertEqual((error.code(), error.details()), (refusal.code, refusal.message))
    return refusal


def assert_refused(test: unittest.TestCase, call, code: grpc.StatusCode, reason: str, *words: str) -> Refusal:
    """Runs a call that must fail with this code and reason, and with a message that holds all the words."""
    with test.assertRaises(grpc.RpcError) as caught:
        call()
    refusal = refusal_of_call(test, caught.exception)
    assert_refusal(test, refusal, code, reason, *words)
    return refusal


def assert_refusal(test: unittest.TestCase, refusal: Refusal, code: grpc.StatusCode, reason: str, *words: str) -> None:
    """Compares a refusal with what it should be."""
    test.assertEqual((code, reason), (refusal.code, refusal.reason), refusal.message)
    for word in words:
        test.assertIn(word, refusal.message)
