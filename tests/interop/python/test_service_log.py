"""What clients do wrong is not the service's error: an ordinary life leaves none in its log."""

import re
import unittest

import grpc

from rpc_errors import assert_refused
from service_test_case import CALL_SECONDS_MAX
from session_calls import open_message, step_request
from small_session import SmallSessionTestCase, gradients
from stubs import health_pb2, health_pb2_grpc
from train_stream import TrainStream

# The levels that the service's console gives to what an operator should look at.
ERROR_LINE = re.compile(r"^\S+ (?:ERR|FTL) .*$", re.MULTILINE)


class ServiceLogTests(SmallSessionTestCase):
    def test_steps_refusals_and_clients_that_vanish_are_no_errors(self):
        self.assert_step_is_taken(1)
        assert_refused(
            self, lambda: self.training.Step(step_request(self.session_id, 9, gradients())), grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE_GAP"
        )
        cancelled = self.open_stream()
        self.assert_stream_takes(cancelled, 2)
        cancelled.cancel()
        late = TrainStream(self.training, open_message(self.session_id, worker_id="late"), timeout_seconds=3)
        with self.assertRaises(grpc.RpcError):
            late.receive("result")
        watch = health_pb2_grpc.HealthStub(self.channel).Watch(health_pb2.HealthCheckRequest(), timeout=CALL_SECONDS_MAX)
        next(watch)
        watch.cancel()
        self.channel.close()

        # Only a service that has stopped has written everything.
        log = self.service.stop()

        self.assertEqual([], ERROR_LINE.findall(log))


if __name__ == "__main__":
    unittest.main()
