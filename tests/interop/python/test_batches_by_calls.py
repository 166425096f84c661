"""Batches without a stream: begun, staged and committed by unary calls, as browsers and simple clients do it."""

import unittest

import grpc

from chunks import cut
from rpc_errors import assert_refused
from service_test_case import CALL_SECONDS_MAX
from small_session import SmallSessionTestCase, gradients
from stubs import training_pb2, types_pb2


class BatchesByCallsTests(SmallSessionTestCase):
    def test_batches_in_chunks_of_any_order_are_the_replica(self):
        for sequence in (1, 2):
            token = self._begin(sequence)
            chunks = [chunk for index, values in enumerate(gradients(sequence)) for chunk in cut(index, values, elements_per_chunk=5)]
            missing = sum(values.size for values in gradients(sequence))
            for chunk in reversed(chunks):
                missing -= len(chunk.data) // 4
                request = training_pb2.StageChunksRequest(batch_token=token, chunks=[chunk])
                self.assertEqual(missing, self.training.StageChunks(request, timeout=CALL_SECONDS_MAX).missing_elements)
            result = self._commit(token).result
            self.assertEqual((sequence, training_pb2.BATCH_OUTCOME_APPLIED), (result.sequence, result.outcome))
            self.replica.apply(gradients(sequence))
        self.assert_session_is_the_replica()

    def test_commit_of_a_batch_that_is_not_complete(self):
        token = self._begin(1)
        assert_refused(self, lambda: self._commit(token), grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_INCOMPLETE")
        self.assert_session_is_the_replica()

    def _begin(self, sequence):
        begin = training_pb2.BatchBegin(
            sequence=sequence, all_tensors=types_pb2.AllTensors(), reply=training_pb2.ReplySpec(kind=training_pb2.REPLY_KIND_NONE)
        )
        request = training_pb2.BeginBatchRequest(session=types_pb2.SessionRef(session_id=self.session_id), worker_id="calls", begin=begin)
        return self.training.BeginBatch(request, timeout=CALL_SECONDS_MAX).batch_token

    def _commit(self, token):
        return self.training.CommitBatch(training_pb2.CommitBatchRequest(batch_token=token), timeout=CALL_SECONDS_MAX)


if __name__ == "__main__":
    unittest.main()
