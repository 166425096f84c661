"""Tensors far beyond one message and one HTTP/2 window, in both directions and with the library's own limits."""

import unittest

import grpc
import numpy as np

from bits import assert_same_bits
from chunks import CHUNK_BYTES_MAX, cut
from keras_adam import AdamOptions, KerasAdam
from service_test_case import CALL_SECONDS_MAX, ServiceTestCase
from session_calls import create_session, get_session, open_message, read_tensors
from stubs import training_pb2, types_pb2
from train_stream import TrainStream

NAMES = ("large/kernel", "large/bias")
# 10 MB and a little: not a multiple of any chunk.
SHAPES = ((1301, 2003), (2003,))
ELEMENTS_PER_CHUNK = CHUNK_BYTES_MAX // 4
OPTIONS = AdamOptions(global_clipnorm=10.0)


class LargeTensorsTests(ServiceTestCase):
    def test_write_then_pipelined_batches_then_read(self):
        generator = np.random.default_rng(11)
        weights = [generator.standard_normal(shape, np.float32) for shape in SHAPES]
        replica = KerasAdam(OPTIONS, weights)
        session = create_session(self.sessions, self.session_id, OPTIONS, NAMES, weights, with_values=False)
        self.assertEqual(types_pb2.SESSION_STATE_CREATED, session.state)
        self.assertEqual([0, 1], list(session.uninitialized_tensors))

        response = self.training.WriteTensors(self._write_requests(weights), timeout=CALL_SECONDS_MAX)
        self.assertEqual(types_pb2.SESSION_STATE_READY, response.state)

        batches = [[generator.standard_normal(shape, np.float32) for shape in SHAPES] for _ in range(3)]
        with TrainStream(self.training, open_message(self.session_id)) as stream:
            self.assertEqual(CHUNK_BYTES_MAX, stream.opened.max_chunk_bytes)
            # All batches are on their way before the first answer is read, as far as the service lets them.
            self.assertGreaterEqual(stream.opened.credits, 1)
            in_flight = 0
            answered = 0
            for sequence, gradients in enumerate(batches, start=1):
                stream.send_batch(sequence, dict(enumerate(gradients)), ELEMENTS_PER_CHUNK, reply_chunk_bytes=CHUNK_BYTES_MAX)
                in_flight += 1
                if in_flight == stream.opened.credits:
                    answered += 1
                    in_flight -= 1
                    self._check_answer(stream, replica, answered, batches)
            while in_flight:
                answered += 1
                in_flight -= 1
                self._check_answer(stream, replica, answered, batches)
            self.assertEqual(grpc.StatusCode.OK, stream.finish())

        slots = (types_pb2.SLOT_WEIGHTS, types_pb2.SLOT_FIRST_MOMENT, types_pb2.SLOT_SECOND_MOMENT)
        snapshot = read_tensors(self.training, self.session_id, SHAPES, slots)
        assert_same_bits(self, replica.weights, snapshot.weights, "weights read back")
        assert_same_bits(self, replica.first_moments, snapshot.slots[types_pb2.SLOT_FIRST_MOMENT], "m read back")
        assert_same_bits(self, replica.second_moments, snapshot.slots[types_pb2.SLOT_SECOND_MOMENT], "v read back")

    def test_a_write_without_commit_changes_nothing(self):
        weights = [np.full(shape, 0.5, np.float32) for shape in SHAPES]
        session = create_session(self.sessions, self.session_id, OPTIONS, NAMES, weights, with_values=False)
        requests = list(self._write_requests(weights))
        with self.assertRaises(grpc.RpcError) as caught:
            self.training.WriteTensors(iter(requests[:-1]), timeout=CALL_SECONDS_MAX)
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code(), caught.exception.details())
        after = get_session(self.sessions, self.session_id)
        self.assertEqual((session.version, types_pb2.SESSION_STATE_CREATED), (after.version, after.state))

    def test_a_reader_that_goes_away_holds_nobody_up(self):
        weights = [np.full(shape, 0.5, np.float32) for shape in SHAPES]
        replica = KerasAdam(OPTIONS, weights)
        create_session(self.sessions, self.session_id, OPTIONS, NAMES, weights, with_values=False)
        self.training.WriteTensors(self._write_requests(weights), timeout=CALL_SECONDS_MAX)
        request = training_pb2.ReadTensorsRequest(session=types_pb2.SessionRef(session_id=self.session_id))
        reader = self.training.ReadTensors(request, timeout=CALL_SECONDS_MAX)
        self.assertEqual("header", next(reader).WhichOneof("message"))
        self.assertEqual("chunk", next(reader).WhichOneof("message"))
        reader.cancel()
        gradients = [np.full(shape, 0.25, np.float32) for shape in SHAPES]
        with TrainStream(self.training, open_message(self.session_id)) as stream:
            stream.send_batch(1, dict(enumerate(gradients)), ELEMENTS_PER_CHUNK)
            self._check_answer(stream, replica, 1, [gradients])

    def _check_answer(self, stream, replica, sequence, batches):
        replica.apply(batches[sequence - 1])
        answer = stream.receive_answer()
        self.assertEqual((sequence, training_pb2.BATCH_OUTCOME_APPLIED), (answer.result.sequence, answer.result.outcome))
        assert_same_bits(self, replica.weights, answer.tensors(SHAPES), f"weights after step {sequence}")

    def _write_requests(self, weights):
        begin = training_pb2.WriteBegin(session=types_pb2.SessionRef(session_id=self.session_id))
        yield training_pb2.WriteTensorsRequest(begin=begin)
        for index, values in enumerate(weights):
            for chunk in cut(index, values, ELEMENTS_PER_CHUNK):
                yield training_pb2.WriteTensorsRequest(chunk=chunk)
        yield training_pb2.WriteTensorsRequest(commit=training_pb2.WriteCommit())


if __name__ == "__main__":
    unittest.main()
