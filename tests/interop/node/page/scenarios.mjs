// What the page does with the service. Values come back as plain JSON for the test to look at.

const LARGE_ELEMENTS = 100_000;
const LARGE_CHUNK_BYTES = 4096;
const SESSIONS = 'adam.v1.Sessions';
const TRAINING = 'adam.v1.Training';

// A session is made, trained by three steps, and read.
export async function trained(contract) {
  const session = { session_id: `trained-${contract.format}` };
  const created = await contract.unary(SESSIONS, 'CreateSession', {
    ...session,
    optimizer: { groups: [{ learning_rate: { value: 0.5 } }] },
    tensors: [{ name: 't', shape: [3], dtype: 'DTYPE_FLOAT32' }],
    initial_values: [{ tensor_index: 0, data: toBytes([1, 2, -3]) }],
  });
  const steps = [];
  for (const sequence of [1, 2, 3]) {
    const { result, reply } = await contract.unary(TRAINING, 'Step', {
      session,
      worker_id: 'page',
      begin: { sequence, all_tensors: {}, reply: { kind: 'REPLY_KIND_WEIGHTS' } },
      gradients: [{ tensor_index: 0, data: toBytes([sequence, -0.25, 0.125]) }],
    });
    steps.push({ outcome: result.outcome, weights: fromBytes(reply[0].data) });
  }
  const { messages, status } = await contract.stream(TRAINING, 'ReadTensors', { session, slots: ['SLOT_WEIGHTS'] });
  return {
    created: created.created,
    steps,
    kinds: messages.map(({ message }) => message),
    weights: fromBytes(messages[1].chunk.data),
    code: status.code,
  };
}

// A stream of a hundred messages, whose frames do not end where the pieces do in which they come.
export async function large(contract) {
  const session = { session_id: `large-${contract.format}` };
  await contract.unary(SESSIONS, 'CreateSession', {
    ...session,
    optimizer: { groups: [{}] },
    tensors: [{ name: 't', shape: [LARGE_ELEMENTS], dtype: 'DTYPE_FLOAT32' }],
    initial_values: [{ tensor_index: 0, data: toBytes(Array.from({ length: LARGE_ELEMENTS }, (_, i) => i)) }],
  });
  const { messages, status } = await contract.stream(TRAINING, 'ReadTensors', { session, chunk_bytes: LARGE_CHUNK_BYTES });
  const values = messages.filter(({ message }) => message === 'chunk').flatMap(({ chunk }) => fromBytes(chunk.data));
  return { messages: messages.length, elements: values.length, wrong: values.findIndex((value, i) => value !== i), code: status.code };
}

// A refusal of a call with one response, and of one with many, with the details that pages are allowed to read.
export async function refused(contract) {
  const session = { session_id: 'nobody' };
  const calls = [
    contract.unary(SESSIONS, 'GetSession', { session }),
    contract.stream(TRAINING, 'ReadTensors', { session }),
  ];
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map(({ reason }) => {
    const details = contract.decode('google.rpc.Status', fromBase64(reason.metadata['grpc-status-details-bin']));
    const info = contract.decode('google.rpc.ErrorInfo', details.details[0].value);
    return { code: reason.code, message: reason.message, detailsCode: details.code, reason: info.reason };
  });
}

// A page that may not call: what it sends must not reach the service, and it must not read an answer.
export async function denied(contract) {
  const call = contract.unary(SESSIONS, 'CreateSession', {
    session_id: 'denied',
    optimizer: { groups: [{}] },
    tensors: [{ name: 't', shape: [1], dtype: 'DTYPE_FLOAT32' }],
  });
  const [{ status, reason }] = await Promise.allSettled([call]);
  return { status, code: reason?.code, message: reason?.message };
}

function toBytes(values) {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return new Uint8Array(view.buffer);
}

function fromBytes(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
