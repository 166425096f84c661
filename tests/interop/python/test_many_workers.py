"""Several trainers of one session at a time: their batches are applied one after the other, in the order of the versions."""

import concurrent.futures
import unittest

import grpc

from service_test_case import CALL_SECONDS_MAX
from session_calls import open_message, step_request
from small_session import SmallSessionTestCase, gradients
from stubs import training_pb2
from train_stream import TrainStream

WORKERS = 4
BATCHES_PER_WORKER = 25


class ManyWorkersTests(SmallSessionTestCase):
    def test_steps_at_the_same_time(self):
        self._train_at_the_same_time(self._train_by_steps)

    def test_streams_at_the_same_time(self):
        self._train_at_the_same_time(self._train_by_stream)

    def _train_at_the_same_time(self, train):
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            seeds_by_version = {}
            for versions in pool.map(train, range(WORKERS)):
                seeds_by_version.update(versions)
        self.assertEqual(WORKERS * BATCHES_PER_WORKER, len(seeds_by_version))
        # Which batch came when is chance; that the versions tell it is the contract.
        for version in sorted(seeds_by_version):
            self.replica.apply(gradients(seeds_by_version[version]))
        self.assert_session_is_the_replica()

    def _train_by_steps(self, worker):
        versions = {}
        for sequence in range(1, BATCHES_PER_WORKER + 1):
            seed = worker * BATCHES_PER_WORKER + sequence
            request = step_request(self.session_id, sequence, gradients(seed), worker_id=f"worker-{worker}")
            result = self.training.Step(request, timeout=CALL_SECONDS_MAX).result
            self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, result.outcome)
            versions[result.version] = seed
        return versions

    def _train_by_stream(self, worker):
        versions = {}
        with TrainStream(self.training, open_message(self.session_id, worker_id=f"worker-{worker}")) as stream:
            for sequence in range(1, BATCHES_PER_WORKER + 1):
                seed = worker * BATCHES_PER_WORKER + sequence
                stream.send_batch(sequence, dict(enumerate(gradients(seed))), elements_per_chunk=5)
                result = stream.receive_answer().result
                self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, result.outcome, str(result.error))
                versions[result.version] = seed
            self.assertEqual(grpc.StatusCode.OK, stream.finish())
        return versions


if __name__ == "__main__":
    unittest.main()
