// Tensors cut into the chunks of a stream, and put together again from them.

import assert from 'node:assert/strict';

const FLOAT32_BYTES = 4;

// The elements as the wire carries them: little-endian on every machine.
export function toBytes(values) {
  const bytes = Buffer.alloc(values.length * FLOAT32_BYTES);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * FLOAT32_BYTES));
  return bytes;
}

export function fromBytes(bytes) {
  return Float32Array.from({ length: bytes.length / FLOAT32_BYTES }, (_, i) => bytes.readFloatLE(i * FLOAT32_BYTES));
}

// Chunks of at most so many elements, in order of their offsets.
export function cut(tensorIndex, values, elementsPerChunk) {
  const chunks = [];
  for (let offset = 0; offset < values.length; offset += elementsPerChunk) {
    const data = toBytes(values.subarray(offset, offset + elementsPerChunk));
    chunks.push({ tensor_index: tensorIndex, offset, dtype: 'DTYPE_FLOAT32', data });
  }
  return chunks;
}

// The tensors of one slot. Every element must have come exactly once.
export function assemble(chunks, slot, sizes) {
  const tensors = sizes.map((size) => new Float32Array(size));
  const arrivals = sizes.map((size) => new Uint8Array(size));
  for (const chunk of chunks) {
    if ((chunk.slot === 'SLOT_UNSPECIFIED' ? 'SLOT_WEIGHTS' : chunk.slot) !== slot) {
      continue;
    }
    const part = fromBytes(chunk.data);
    const offset = Number(chunk.offset);
    tensors[chunk.tensor_index].set(part, offset);
    part.forEach((_, i) => (arrivals[chunk.tensor_index][offset + i] += 1));
  }
  arrivals.forEach((arrival, index) => {
    assert.ok(arrival.every((count) => count === 1), `tensor ${index} of ${slot}: not every element came exactly once`);
  });
  return tensors;
}
