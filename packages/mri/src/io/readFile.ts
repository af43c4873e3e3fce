import { ArgumentError, describe, FormatError } from '@adjoint/tensor';
import { checkPath, nodeFiles, refuseFile } from './replaceFile.js';

/** The bytes of a file. */
export async function readFile(fn: string, path: string): Promise<Uint8Array> {
  checkPath(fn, path);
  const { readFile: read } = await nodeFiles(fn);
  return read(path).catch((error) => refuseFile(fn, path, 'read', error));
}

/** Number of bytes of a file. */
export async function fileSize(fn: string, path: string): Promise<number> {
  checkPath(fn, path);
  const { stat } = await nodeFiles(fn);
  const found = await stat(path).catch((error) => refuseFile(fn, path, 'read', error));
  return found.size;
}

export function checkBytes(fn: string, argument: string, bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new ArgumentError({ fn, argument, expected: 'a Uint8Array', got: describe(bytes) });
}

/** Deflate never shrinks data by more than this. */
const maxDeflation = 1032;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Inflates gzip data of which the first bytes tell how many there are: nothing is allocated for a claim that the
 * compressed bytes cannot hold, and more than was claimed is refused. The checksum at the end is verified.
 *
 * @param sizeOf told the first `headBytes` bytes (fewer if there are no more); returns the size of the whole
 */
export async function gunzip(
  fn: string,
  argument: string,
  bytes: Uint8Array,
  headBytes: number,
  sizeOf: (head: Uint8Array) => number,
): Promise<Uint8Array> {
  const refuse = (expected: string, got: string) => new FormatError({ fn, argument, expected, got });
  const checkedSize = (head: Uint8Array) => {
    const size = sizeOf(head);
    if (size <= maxDeflation * bytes.length) return size;
    throw refuse(`no more than ${bytes.length} compressed bytes can hold`, `a claim of ${size} bytes`);
  };
  const result = new Growing(headBytes, checkedSize);
  // a copy stands in memory of its own, which Blob wants
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw refuse('undamaged gzip data', String(error?.message ?? error));
      });
      if (done) break;
      if (!result.take(value)) throw refuse(`of ${result.size} bytes when inflated`, 'more');
    }
    const missing = result.finish();
    if (missing > 0) throw refuse(`of ${result.size} bytes when inflated`, `${result.size - missing}`);
    return result.bytes;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Bytes that come in pieces; the first of them tell how many there will be. */
class Growing {
  bytes: Uint8Array;
  private taken = 0;
  private isMeasured = false;

  constructor(
    headBytes: number,
    private readonly sizeOf: (head: Uint8Array) => number,
  ) {
    this.bytes = new Uint8Array(headBytes);
    if (headBytes === 0) this.measure();
  }

  get size(): number {
    return this.bytes.length;
  }

  /** Whether the piece fits. */
  take(piece: Uint8Array): boolean {
    const first = this.isMeasured ? piece : piece.subarray(0, this.size - this.taken);
    if (this.taken + first.length > this.size) return false;
    this.bytes.set(first, this.taken);
    this.taken += first.length;
    if (this.isMeasured || this.taken < this.size) return true;
    this.measure();
    return this.take(piece.subarray(first.length));
  }

  /** How many bytes are missing. */
  finish(): number {
    if (!this.isMeasured) this.measure();
    return this.size - this.taken;
  }

  private measure(): void {
    const head = this.bytes.subarray(0, this.taken);
    this.bytes = new Uint8Array(Math.max(this.sizeOf(head), this.taken));
    this.bytes.set(head);
    this.isMeasured = true;
  }
}
