/** Bytes copied at once out of shared memory. */
const chunkBytes = 1 << 24;

/**
 * Writes host data to the start of a buffer. Data in shared memory is copied first: the process crashes when
 * Dawn is given a view of it. What lies behind the last full word is padded with zeros.
 */
export function uploadBytes(queue: GPUQueue, to: GPUBuffer, data: ArrayBufferView): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  const isShared = !(data.buffer instanceof ArrayBuffer);
  const step = isShared ? chunkBytes : whole;
  for (let at = 0; at < whole; at += step) {
    const part = bytes.subarray(at, Math.min(at + step, whole));
    queue.writeBuffer(to, at, (isShared ? part.slice() : part) as Uint8Array<ArrayBuffer>);
  }
  if (whole === bytes.length) return;
  const last = new Uint8Array(4);
  last.set(bytes.subarray(whole));
  queue.writeBuffer(to, whole, last);
}
