"""Bad batches: each is refused with a reason that names the fault, leaves no trace, and does not end the stream."""

import unittest

import grpc

from bits import assert_same_bits
from chunks import cut, from_bytes
from rpc_errors import assert_refusal, assert_refused, refusal_of_status
from service_test_case import CALL_SECONDS_MAX
from session_calls import step_request
from small_session import NAMES, SHAPES, SmallSessionTestCase, gradients
from stubs import training_pb2, types_pb2

KERNEL, BIAS = range(2)
REJECTED = training_pb2.BATCH_OUTCOME_REJECTED


class BadBatchesOnAStreamTests(SmallSessionTestCase):
    def test_chunk_that_ends_inside_an_element(self):
        chunks = self._good_chunks()
        chunks[-1].data = chunks[-1].data[:-1]
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[BIAS])

    def test_tensor_of_which_elements_are_missing(self):
        chunks = self._good_chunks()
        chunks[0].data = chunks[0].data[:-4]
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_INCOMPLETE", NAMES[KERNEL], "12")

    def test_offset_beyond_the_end(self):
        chunks = self._good_chunks()
        chunks[0].offset = 4
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[KERNEL], "12")

    def test_offset_that_no_tensor_could_have(self):
        chunks = self._good_chunks()
        chunks[0].offset = 2**64 - 1
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[KERNEL])

    def test_chunks_that_overlap(self):
        chunks = self._good_chunks()
        chunks.append(cut(KERNEL, gradients()[KERNEL], elements_per_chunk=6)[1])
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[KERNEL])

    def test_chunk_of_a_tensor_that_is_not_there(self):
        chunks = self._good_chunks()
        chunks[0].tensor_index = 7
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "7")

    def test_chunk_of_a_codec_that_is_not_implemented(self):
        chunks = self._good_chunks()
        chunks[0].codec.name = "sketch"
        self._assert_rejected(chunks, grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED", "chunk.codec")

    def test_chunk_whose_dtype_makes_it_half_as_long(self):
        chunks = self._good_chunks()
        chunks[0].dtype = types_pb2.DTYPE_FLOAT64
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_INCOMPLETE", NAMES[KERNEL])

    def test_chunk_of_a_dtype_that_does_not_exist(self):
        chunks = self._good_chunks()
        chunks[0].dtype = 99
        self._assert_rejected(chunks, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "99")

    def test_chunk_with_a_codec(self):
        chunks = self._good_chunks()
        chunks[0].codec.name = "zstd"
        self._assert_rejected(chunks, grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED", "codec")

    def test_base_version_of_the_future(self):
        begin = self._good_begin()
        begin.base_version = 1000
        chunks = self._good_chunks()
        self._assert_rejected(chunks, grpc.StatusCode.FAILED_PRECONDITION, "BASE_VERSION_AHEAD", "1000", begin=begin)

    def test_tensor_listed_twice(self):
        begin = self._good_begin()
        begin.listed_tensors.indexes[:] = [KERNEL, BIAS, KERNEL]
        self._assert_rejected(self._good_chunks(), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", begin=begin)

    def test_batch_without_tensors(self):
        begin = training_pb2.BatchBegin(sequence=1, listed_tensors=types_pb2.TensorIndexes())
        self._assert_rejected([], grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", begin=begin)

    def test_sequence_gap(self):
        begin = self._good_begin()
        begin.sequence = 3
        refusal = self._assert_rejected(self._good_chunks(), grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE_GAP", "1", "3", begin=begin)
        self.assertEqual("1", refusal.metadata["expected_sequence"])

    def test_batches_behind_a_bad_one_wait_for_it_to_be_sent_again(self):
        bad = dict(enumerate(gradients()))
        bad[BIAS] = bad[BIAS][:2]
        with self.open_stream() as stream:
            stream.send_batch(1, bad, elements_per_chunk=5)
            stream.send_batch(2, dict(enumerate(gradients(3))), elements_per_chunk=5)
            first, second = stream.receive_answer().result, stream.receive_answer().result
            self.assertEqual([(1, REJECTED), (2, REJECTED)], [(r.sequence, r.outcome) for r in (first, second)])
            self.assertEqual("TENSOR_INCOMPLETE", refusal_of_status(self, first.error).reason)
            self.assertEqual("SEQUENCE_GAP", refusal_of_status(self, second.error).reason)
            self.assert_session_is_the_replica()
            self.assert_stream_takes(stream, 1, seed=2)
            self.assert_stream_takes(stream, 2, seed=3)
            self.assertEqual(grpc.StatusCode.OK, stream.finish())

    def test_batch_that_is_sent_again_is_a_duplicate(self):
        with self.open_stream() as stream:
            self.assert_stream_takes(stream, 1)
            stream.send_batch(1, dict(enumerate(gradients())), elements_per_chunk=5)
            answer = stream.receive_answer()
            self.assertEqual(training_pb2.BATCH_OUTCOME_DUPLICATE, answer.result.outcome)
            self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, answer.result.original_outcome)
            self.assertEqual(self.version_at_start + 1, answer.result.version)
            assert_same_bits(self, self.replica.weights, answer.tensors(SHAPES), "weights in the reply to a duplicate")
            self.assert_session_is_the_replica()
            self.assert_stream_takes(stream, 2, seed=3)

    def test_batch_that_is_sent_again_for_its_delta_gets_the_present_weights(self):
        with self.open_stream(reply_kind=training_pb2.REPLY_KIND_DELTA) as stream:
            for sequence in (1, 2):
                stream.send_batch(sequence, dict(enumerate(gradients(sequence))), elements_per_chunk=5)
                self.assertEqual(training_pb2.REPLY_KIND_DELTA, stream.receive_answer().result.reply_kind)
                self.replica.apply(gradients(sequence))
            stream.send_batch(1, dict(enumerate(gradients(1))), elements_per_chunk=5)
            answer = stream.receive_answer()
            self.assertEqual(training_pb2.BATCH_OUTCOME_DUPLICATE, answer.result.outcome)
            self.assertEqual(training_pb2.REPLY_KIND_WEIGHTS, answer.result.reply_kind)
            # The result is the one of back then, the weights are those of now.
            self.assertEqual(self.version_at_start + 1, answer.result.version)
            self.assertEqual(self.version_at_start + 2, answer.reply_end.version)
            assert_same_bits(self, self.replica.weights, answer.tensors(SHAPES), "weights in the reply to a duplicate")
        self.assert_session_is_the_replica()

    def test_batch_that_is_begun_again_drops_the_first_beginning(self):
        with self.open_stream() as stream:
            stream.send(begin=self._good_begin())
            stream.send(chunk=cut(KERNEL, gradients(9)[KERNEL], 12)[0])
            self.assert_stream_takes(stream, 1)
            self.assert_session_is_the_replica()

    def _good_begin(self):
        return training_pb2.BatchBegin(sequence=1, listed_tensors=types_pb2.TensorIndexes(indexes=[KERNEL, BIAS]))

    def _good_chunks(self):
        return [chunk for index, values in enumerate(gradients()) for chunk in cut(index, values, values.size)]

    def _assert_rejected(self, chunks, code, reason, *words, begin=None):
        begin = begin or self._good_begin()
        with self.open_stream() as stream:
            stream.send(begin=begin)
            for chunk in chunks:
                stream.send(chunk=chunk)
            stream.send(commit=training_pb2.BatchCommit())
            result = stream.receive_answer().result
            self.assertEqual((begin.sequence, REJECTED), (result.sequence, result.outcome))
            self.assertFalse(result.HasField("metrics"))
            self.assertEqual(training_pb2.REPLY_KIND_NONE, result.reply_kind)
            refusal = refusal_of_status(self, result.error)
            assert_refusal(self, refusal, code, reason, *words)
            self.assert_session_is_the_replica()
            self.assert_stream_takes(stream, 1)
            self.assertEqual(grpc.StatusCode.OK, stream.finish())
        self.assert_session_is_the_replica()
        return refusal


class BadStepsTests(SmallSessionTestCase):
    def test_tensor_of_which_elements_are_missing(self):
        request = self._good_request()
        request.gradients[KERNEL].data = request.gradients[KERNEL].data[:-4]
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[KERNEL], "48", "44")

    def test_tensor_with_too_many_elements(self):
        request = self._good_request()
        request.gradients[BIAS].data += b"\0\0\0\0"
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[BIAS], "12", "16")

    def test_tensor_that_comes_twice(self):
        request = self._good_request()
        request.gradients.append(request.gradients[BIAS])
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", NAMES[BIAS], "twice")

    def test_tensor_that_is_listed_and_does_not_come(self):
        request = self._good_request()
        del request.gradients[BIAS]
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_INCOMPLETE", NAMES[BIAS])

    def test_dtype_that_needs_twice_the_data(self):
        request = self._good_request()
        request.gradients[KERNEL].dtype = types_pb2.DTYPE_FLOAT64
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[KERNEL], "float64")

    def test_dtype_that_does_not_fit_the_data(self):
        request = self._good_request()
        request.gradients[KERNEL].dtype = types_pb2.DTYPE_FLOAT16
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "TENSOR_MISMATCH", NAMES[KERNEL], "float16")

    def test_sequence_gap(self):
        request = self._good_request()
        request.begin.sequence = 2
        refusal = self._assert_refused(request, grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE_GAP", "1", "2")
        self.assertEqual("1", refusal.metadata["expected_sequence"])

    def test_override_of_a_group_that_is_not_there(self):
        request = self._good_request()
        request.begin.overrides.groups.add(group=1, learning_rate=0.5)
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "begin.overrides.groups")

    def test_worker_without_a_name(self):
        request = self._good_request()
        request.worker_id = ""
        self._assert_refused(request, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "worker_id")

    def test_step_that_is_sent_again_is_a_duplicate(self):
        self.assert_step_is_taken(1)
        response = self.training.Step(self._good_request(), timeout=CALL_SECONDS_MAX)
        self.assertEqual(training_pb2.BATCH_OUTCOME_DUPLICATE, response.result.outcome)
        self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, response.result.original_outcome)
        reply = [from_bytes(tensor.data, shape) for tensor, shape in zip(response.reply, SHAPES)]
        assert_same_bits(self, self.replica.weights, reply, "weights in the reply to a duplicate")
        self.assert_session_is_the_replica()

        request = training_pb2.GetBatchResultRequest(
            session=types_pb2.SessionRef(session_id=self.session_id), worker_id="worker", sequence=1
        )
        result = self.training.GetBatchResult(request, timeout=CALL_SECONDS_MAX).result
        self.assertEqual(training_pb2.BATCH_OUTCOME_DUPLICATE, result.outcome)
        self.assertEqual(training_pb2.BATCH_OUTCOME_APPLIED, result.original_outcome)

    def _good_request(self):
        return step_request(self.session_id, 1, gradients())

    def _assert_refused(self, request, code, reason, *words):
        refusal = assert_refused(self, lambda: self.training.Step(request, timeout=CALL_SECONDS_MAX), code, reason, *words)
        self.assert_session_is_the_replica()
        self.assert_step_is_taken(1)
        self.assert_session_is_the_replica()
        return refusal


if __name__ == "__main__":
    unittest.main()
