"""What every test against the service shares: one process per class, a channel to it, and its log if a test fails."""

import sys
import unittest

import grpc

from service_process import ServiceProcess
from stubs import checkpoints_pb2_grpc, sessions_pb2_grpc, training_pb2_grpc

# Every call has a deadline, so that a service that hangs is a failed test and not a hanging one.
CALL_SECONDS_MAX = 60

# A proxy from the environment would be asked even for loopback addresses.
CHANNEL_OPTIONS = [("grpc.enable_http_proxy", 0)]


def open_channel(service: ServiceProcess) -> grpc.Channel:
    """A plain channel with the library's own limits, over a connection that no other channel shares."""
    return grpc.insecure_channel(service.grpc_target, CHANNEL_OPTIONS + [("grpc.use_local_subchannel_pool", 1)])


class ServiceTestCase(unittest.TestCase):
    """Starts the service before the first test of the class and stops it after the last one."""

    @classmethod
    def setUpClass(cls):
        cls.service = ServiceProcess()
        cls.addClassCleanup(cls.service.stop)
        cls.channel = open_channel(cls.service)
        cls.addClassCleanup(cls.channel.close)
        cls.sessions = sessions_pb2_grpc.SessionsStub(cls.channel)
        cls.training = training_pb2_grpc.TrainingStub(cls.channel)
        cls.checkpoints = checkpoints_pb2_grpc.CheckpointsStub(cls.channel)

    def run(self, result=None):
        result = self.defaultTestResult() if result is None else result
        problems_before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > problems_before:
            print(f"--- log of the service during {self.id()}\n{self.service.log}\n---", file=sys.stderr)

    @property
    def session_id(self) -> str:
        """A session id that belongs to this test alone."""
        return self.id().rpartition(".")[2]
