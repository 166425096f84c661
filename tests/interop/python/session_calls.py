"""The calls on a session that most tests need, each as one function."""

import dataclasses
from typing import Dict, List, Sequence, Tuple

import numpy as np

from chunks import assemble, to_bytes
from keras_adam import AdamOptions
from optimizer_config import optimizer_config
from service_test_case import CALL_SECONDS_MAX
from stubs import checkpoints_pb2, sessions_pb2, training_pb2, types_pb2


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """One consistent version of a session, as ReadTensors streams it."""

    header: training_pb2.ReadHeader
    slots: Dict[int, List[np.ndarray]]

    @property
    def weights(self) -> List[np.ndarray]:
        """The weights, which are among the slots that were read."""
        return self.slots[types_pb2.SLOT_WEIGHTS]


def create_request(
    session_id: str,
    options: AdamOptions,
    names: Sequence[str],
    weights: Sequence[np.ndarray],
    with_values: bool = True,
    labels: Dict[str, str] = None,
    **group_fields,
) -> sessions_pb2.CreateSessionRequest:
    """A request for a float32 session with these tensors, and with their values unless they are to be written later."""
    return sessions_pb2.CreateSessionRequest(
        session_id=session_id,
        optimizer=optimizer_config(options, **group_fields),
        tensors=[types_pb2.TensorSpec(name=n, shape=w.shape, dtype=types_pb2.DTYPE_FLOAT32) for n, w in zip(names, weights)],
        initial_values=[types_pb2.TensorData(tensor_index=i, data=to_bytes(w)) for i, w in enumerate(weights) if with_values],
        durability=types_pb2.Durability(tier=types_pb2.DURABILITY_TIER_MEMORY),
        labels=labels,
    )


def create_session(sessions, *args, **kwargs) -> types_pb2.Session:
    """Creates a session that must not have been there."""
    response = sessions.CreateSession(create_request(*args, **kwargs), timeout=CALL_SECONDS_MAX)
    if not response.created:
        raise AssertionError(f"session {response.session.session_id} was there already")
    return response.session


def get_session(sessions, session_id: str) -> types_pb2.Session:
    """The session as it stands."""
    request = sessions_pb2.GetSessionRequest(session=types_pb2.SessionRef(session_id=session_id))
    return sessions.GetSession(request, timeout=CALL_SECONDS_MAX).session


def read_tensors(
    training,
    session_id: str,
    shapes: Sequence[Tuple[int, ...]],
    slots: Sequence[int] = (types_pb2.SLOT_WEIGHTS,),
    chunk_bytes: int = 0,
) -> Snapshot:
    """Reads whole slots of all tensors, and checks that the stream has the form that the contract gives it."""
    request = training_pb2.ReadTensorsRequest(
        session=types_pb2.SessionRef(session_id=session_id), slots=slots, chunk_bytes=chunk_bytes
    )
    messages = list(training.ReadTensors(request, timeout=CALL_SECONDS_MAX))
    kinds = [message.WhichOneof("message") for message in messages]
    if kinds != ["header"] + ["chunk"] * (len(messages) - 2) + ["end"]:
        raise AssertionError(f"ReadTensors streamed {kinds}")
    if messages[0].header.version != messages[-1].end.version:
        raise AssertionError(f"ReadTensors began with {messages[0].header} and ended with {messages[-1].end}")
    chunks = [message.chunk for message in messages[1:-1]]
    return Snapshot(messages[0].header, {slot: assemble(chunks, slot, shapes) for slot in slots})


def export_session(checkpoints, session_id: str) -> bytes:
    """The session's file."""
    request = checkpoints_pb2.ExportSessionRequest(session=types_pb2.SessionRef(session_id=session_id))
    messages = list(checkpoints.ExportSession(request, timeout=CALL_SECONDS_MAX))
    data = b"".join(message.data for message in messages[1:])
    if messages[0].begin.size_bytes != len(data):
        raise AssertionError(f"ExportSession announced {messages[0].begin.size_bytes} bytes and sent {len(data)}")
    return data


def import_session(checkpoints, data: bytes, session_id: str, piece_bytes: int = 1 << 20) -> types_pb2.Session:
    """Makes a session of a file."""

    def messages():
        yield checkpoints_pb2.ImportSessionRequest(begin=checkpoints_pb2.ImportBegin(session_id=session_id))
        for start in range(0, len(data), piece_bytes):
            yield checkpoints_pb2.ImportSessionRequest(data=data[start : start + piece_bytes])

    return checkpoints.ImportSession(messages(), timeout=CALL_SECONDS_MAX).session


def step_request(
    session_id: str,
    sequence: int,
    gradients: Sequence[np.ndarray],
    worker_id: str = "worker",
    reply_kind: int = training_pb2.REPLY_KIND_WEIGHTS,
) -> training_pb2.StepRequest:
    """A whole batch with a gradient for every tensor."""
    return training_pb2.StepRequest(
        session=types_pb2.SessionRef(session_id=session_id),
        worker_id=worker_id,
        begin=training_pb2.BatchBegin(
            sequence=sequence, all_tensors=types_pb2.AllTensors(), reply=training_pb2.ReplySpec(kind=reply_kind)
        ),
        gradients=[types_pb2.TensorData(tensor_index=i, data=to_bytes(g)) for i, g in enumerate(gradients)],
    )


def open_message(
    session_id: str, worker_id: str = "worker", takeover: bool = False, reply_kind: int = training_pb2.REPLY_KIND_WEIGHTS
) -> training_pb2.TrainOpen:
    """Opens a Train stream of this worker."""
    return training_pb2.TrainOpen(
        session=types_pb2.SessionRef(session_id=session_id),
        worker_id=worker_id,
        takeover=takeover,
        default_reply=training_pb2.ReplySpec(kind=reply_kind),
    )
