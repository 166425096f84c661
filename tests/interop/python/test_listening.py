"""Stock clients over TLS, mutual TLS and Unix domain sockets."""

import pathlib
import shutil
import tempfile
import unittest

import grpc

from certificates import Authority
from service_process import ServiceProcess
from service_test_case import CALL_SECONDS_MAX, CHANNEL_OPTIONS
from stubs import sessions_pb2, sessions_pb2_grpc


class ListeningTestCase(unittest.TestCase):
    """A folder for each test, and a call to see whether one gets in."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="adam-listening-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, grpc_url: str, *arguments: str) -> ServiceProcess:
        """A service that is gone after the test."""
        service = ServiceProcess(grpc_url, arguments)
        self.addCleanup(service.stop)
        return service

    def list_sessions(self, channel: grpc.Channel) -> sessions_pb2.ListSessionsResponse:
        """Makes a call on the channel, and closes it."""
        with channel:
            return sessions_pb2_grpc.SessionsStub(channel).ListSessions(sessions_pb2.ListSessionsRequest(), timeout=CALL_SECONDS_MAX)


class TlsTests(ListeningTestCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder, "authority")
        certificate, key = self.authority.certify("server")
        self.arguments = ["--set", f"Tls:CertificateFile={certificate}", "--set", f"Tls:KeyFile={key}"]

    def test_tls(self):
        service = self.start("https://127.0.0.1:0", *self.arguments)
        self.list_sessions(self._channel(service, grpc.ssl_channel_credentials(self.authority.certificate)))

    def test_service_that_the_client_does_not_trust(self):
        service = self.start("https://127.0.0.1:0", *self.arguments)
        other = Authority(self.folder, "other")
        self._assert_unavailable(service, grpc.ssl_channel_credentials(other.certificate))

    def test_mutual_tls(self):
        service = self.start(
            "https://127.0.0.1:0", *self.arguments, "--set", f"Tls:ClientCaFile={self.authority.certificate_path}"
        )
        certificate, key = (path.read_bytes() for path in self.authority.certify("client"))
        wrong_certificate, wrong_key = (path.read_bytes() for path in Authority(self.folder, "other").certify("client"))

        self.list_sessions(self._channel(service, grpc.ssl_channel_credentials(self.authority.certificate, key, certificate)))
        with self.subTest("without a certificate"):
            self._assert_unavailable(service, grpc.ssl_channel_credentials(self.authority.certificate))
        with self.subTest("with a certificate of somebody else"):
            self._assert_unavailable(service, grpc.ssl_channel_credentials(self.authority.certificate, wrong_key, wrong_certificate))

    def _channel(self, service: ServiceProcess, credentials: grpc.ChannelCredentials) -> grpc.Channel:
        return grpc.secure_channel(service.grpc_target, credentials, CHANNEL_OPTIONS + [("grpc.use_local_subchannel_pool", 1)])

    def _assert_unavailable(self, service: ServiceProcess, credentials: grpc.ChannelCredentials) -> None:
        with self.assertRaises(grpc.RpcError) as caught:
            self.list_sessions(self._channel(service, credentials))
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, caught.exception.code(), caught.exception.details())


class UnixSocketTests(ListeningTestCase):
    def test_unix_socket(self):
        path = self.folder / "adam.sock"
        service = self.start(f"unix:{path}")
        self.assertEqual(f"unix:{path}", service.grpc_target)
        self.assertEqual(0o600, path.stat().st_mode & 0o777)
        self.list_sessions(grpc.insecure_channel(service.grpc_target, CHANNEL_OPTIONS))
        service.stop()
        self.assertFalse(path.exists())

    def test_socket_that_a_killed_service_left_behind(self):
        path = self.folder / "adam.sock"
        self.start(f"unix:{path}").kill()
        self.assertTrue(path.exists())
        service = self.start(f"unix:{path}")
        self.list_sessions(grpc.insecure_channel(service.grpc_target, CHANNEL_OPTIONS))


if __name__ == "__main__":
    unittest.main()
