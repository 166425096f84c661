"""What load balancers and command-line clients ask of any gRPC service, with stubs made from the public schemas."""

import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool

from service_process import ServiceProcess
from service_test_case import CALL_SECONDS_MAX, ServiceTestCase, open_channel
from stubs import health_pb2, health_pb2_grpc, reflection_alpha_pb2, reflection_alpha_pb2_grpc, reflection_pb2, reflection_pb2_grpc

SERVICES = {"adam.v1.Sessions", "adam.v1.Training", "adam.v1.Checkpoints", "grpc.health.v1.Health"}
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class HealthTests(ServiceTestCase):
    def setUp(self):
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def test_check_of_known_services_is_serving(self):
        for service in ("", "adam.v1.Training", "adam.v1.Sessions"):
            with self.subTest(service=service):
                response = self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=CALL_SECONDS_MAX)
                self.assertEqual(SERVING, response.status)

    def test_check_of_an_unknown_service_is_not_found(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.health.Check(health_pb2.HealthCheckRequest(service="adam.v1.Nothing"), timeout=CALL_SECONDS_MAX)
        self.assertEqual(grpc.StatusCode.NOT_FOUND, caught.exception.code())

    def test_watch_of_an_unknown_service_says_so_and_goes_on(self):
        call = self.health.Watch(health_pb2.HealthCheckRequest(service="adam.v1.Nothing"), timeout=CALL_SECONDS_MAX)
        self.assertEqual(health_pb2.HealthCheckResponse.SERVICE_UNKNOWN, next(call).status)
        self.assertTrue(call.is_active())
        call.cancel()


class HealthWhileStoppingTests(unittest.TestCase):
    def test_watch_streams_serving_first_and_no_longer_when_the_service_stops(self):
        service = ServiceProcess()
        self.addCleanup(service.kill)
        with open_channel(service) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            call = health.Watch(health_pb2.HealthCheckRequest(service=""), timeout=CALL_SECONDS_MAX)
            self.assertEqual(SERVING, next(call).status)

            service.ask_to_stop()

            self.assertEqual([NOT_SERVING], list(_statuses_until_the_end(call)))
            self.assertNotEqual(grpc.StatusCode.DEADLINE_EXCEEDED, call.code(), "the stream outlived the service's stop")
        service.stop()


class ReflectionTests(ServiceTestCase):
    def test_list_services(self):
        for version, reflect in self._versions():
            with self.subTest(version=version):
                response = reflect(list_services="")
                self.assertLessEqual(SERVICES, {service.name for service in response.list_services_response.service})

    def test_files_of_a_symbol_make_a_working_descriptor(self):
        for version, reflect in self._versions():
            with self.subTest(version=version):
                pool = _pool_of(reflect(file_containing_symbol="adam.v1.Training"), reflect)
                train = pool.FindServiceByName("adam.v1.Training").FindMethodByName("Train")
                self.assertEqual("adam.v1.TrainRequest", train.input_type.full_name)
                self.assertEqual("adam.v1.TrainResponse", train.output_type.full_name)
                as_written = descriptor_pb2.MethodDescriptorProto()
                train.CopyToProto(as_written)
                self.assertTrue(as_written.client_streaming and as_written.server_streaming, "Train is not bidirectional")

    def test_unknown_symbol_is_an_error_inside_the_stream(self):
        for version, reflect in self._versions():
            with self.subTest(version=version):
                response = reflect(file_containing_symbol="adam.v1.Nothing")
                self.assertEqual("error_response", response.WhichOneof("message_response"))
                self.assertEqual(grpc.StatusCode.NOT_FOUND.value[0], response.error_response.error_code)

    def _versions(self):
        for version, messages, services in (
            ("v1", reflection_pb2, reflection_pb2_grpc),
            ("v1alpha", reflection_alpha_pb2, reflection_alpha_pb2_grpc),
        ):
            stub = services.ServerReflectionStub(self.channel)

            def reflect(stub=stub, messages=messages, **request):
                requests = iter([messages.ServerReflectionRequest(**request)])
                responses = list(stub.ServerReflectionInfo(requests, timeout=CALL_SECONDS_MAX))
                self.assertEqual(1, len(responses))
                return responses[0]

            yield version, reflect


def _statuses_until_the_end(call):
    statuses = []
    try:
        for response in call:
            statuses.append(response.status)
    except grpc.RpcError:
        pass
    return statuses


def _pool_of(response, reflect):
    """A pool that holds the files of the response and everything that they import, asked for by name where it is missing."""
    files = {}
    waiting = list(response.file_descriptor_response.file_descriptor_proto)
    while waiting:
        file = descriptor_pb2.FileDescriptorProto.FromString(waiting.pop())
        if file.name not in files:
            files[file.name] = file
            for name in file.dependency:
                if name not in files:
                    waiting.extend(reflect(file_by_filename=name).file_descriptor_response.file_descriptor_proto)
    pool = descriptor_pool.DescriptorPool()
    added = set()

    def add(file):
        if file.name not in added:
            added.add(file.name)
            for name in file.dependency:
                add(files[name])
            pool.Add(file)

    for file in files.values():
        add(file)
    return pool


if __name__ == "__main__":
    unittest.main()
