import { chirpSpectrum, conjugateChirp } from './chirp.js';
import { convolutionLength, factorise, isDirect } from './factors.js';
import {
  columnBytes,
  complexBytes,
  elementBytes,
  type Fields,
  type Operation,
  operations,
  primeSpareBytes,
  type Radix,
  recordWords,
  type Stage,
  swapped,
  word,
} from './record.js';
import { floatWord, type TableBuilder } from './table.js';

/** Columns done together: 3 stands for any number below four, where vectors must not be stored whole. */
export type Width = 16 | 8 | 4 | 3;

/** How four transforms of length n lie in memory: neighbouring columns, or rows of consecutive elements. */
export interface Arrangement {
  readonly kind: 'columns' | 'rows';
  /** Bytes between elements of a transform (columns) or between transforms (rows). */
  readonly stride: number;
}

export interface TransformSpec {
  readonly n: number;
  readonly inverse: boolean;
  readonly centred: boolean;
  readonly scale: number;
  readonly arrangement: Arrangement;
  /** 4 for rows. */
  readonly width: Width;
}

/** The buffers are an odd number of cache lines apart, so that loads and stores do not share their low address bits. */
function bufferBytes(n: number): number {
  // `loadRows` may write one element too many
  const elements = (isDirect(n) ? n : convolutionLength(n)) + 1;
  return (Math.ceil((elements * elementBytes) / 64) | 1) * 64;
}

/** Quads, four transforms in the lanes of a vector, that a program does together; each has two buffers. */
const quadsOf = (width: Width): number => Math.ceil(width / 4);

/** Bytes of working memory of a program. */
export const workBytes = (n: number, width: Width): number =>
  quadsOf(width) * 2 * bufferBytes(n) +
  Math.max(
    0,
    ...factorise(n)
      .filter((p) => p > largestUnrolled && isDirect(n))
      .map(primeSpareBytes),
  );

/** Appends the program of a transform to a table; returns its offset. */
export function writeProgram(table: TableBuilder, spec: TransformSpec): number {
  const program = new Program(table, spec);
  if (isDirect(spec.n)) program.direct();
  else program.bluestein();
  return program.finish();
}

class Program {
  private readonly records: number[] = [];
  private readonly quads: number;
  private readonly half: number;
  /** Which of its two buffers holds the data of a quad. */
  private current: 0 | 1 = 0;
  /** The quad that passes within working memory are written for. */
  private quad = 0;

  constructor(
    private readonly table: TableBuilder,
    private readonly spec: TransformSpec,
  ) {
    this.quads = quadsOf(spec.width);
    this.half = spec.centred ? Math.floor(spec.n / 2) : 0;
  }

  direct(): void {
    const { n, arrangement, width } = this.spec;
    const factors = factorise(n);
    const isColumns = arrangement.kind === 'columns';
    // the first and the last pass take part in loading and storing columns if they are two passes
    const loadsFirst = isColumns && factors.length > 1;
    const storesLast = isColumns && width !== 3 && factors.length > 0;
    this.load(loadsFirst ? factors[0]! : 1);
    this.forQuads(() => this.passes(n, loadsFirst ? 1 : 0, storesLast ? factors.length - 1 : factors.length));
    this.store(storesLast ? factors.at(-1)! : 1);
  }

  /**
   * Any length as a circular convolution: X_k = c̄_k Σ_j (x_j c̄_j) c_{k−j}, c_k = exp(πi·k²/n).
   * L. Bluestein, "A linear filtering approach to the computation of discrete Fourier transform", 1970.
   */
  bluestein(): void {
    const { n } = this.spec;
    const length = convolutionLength(n);
    const chirp = this.table.floats(`chirp ${n}`, () => conjugateChirp(n));
    const spectrum = this.table.floats(`spectrum ${n}`, () => chirpSpectrum(n, length));
    this.load(1);
    this.forQuads(() => {
      this.multiply(chirp, n, { inner: length - n });
      this.passes(length);
      this.multiply(spectrum, length, { yLegs: swapped });
      this.passes(length);
      this.multiply(chirp, n, { xLegs: swapped });
    });
    this.store(1);
  }

  finish(): number {
    return this.table.append([...this.records, -1]);
  }

  private push(operation: Operation, fields: Fields): void {
    const record = new Array<number>(recordWords).fill(0);
    record[word.operation] = operations.indexOf(operation);
    for (const [name, value] of Object.entries(fields)) record[word[name as keyof Fields]] = value;
    this.records.push(...record);
  }

  /** Writes the same passes for every quad; each starts in the buffer where the first one did. */
  private forQuads(write: () => void): void {
    const { current } = this;
    for (this.quad = 0; this.quad < this.quads; this.quad++) {
      this.current = current;
      write();
    }
    this.quad = 0;
  }

  private offset(buffer: number): number {
    return (2 * this.quad + buffer) * bufferBytes(this.spec.n);
  }

  /** Passes `from` … `to` − 1 of a transform of this length, within working memory. */
  private passes(length: number, from = 0, to = factorise(length).length): void {
    const factors = factorise(length);
    let s = factors.slice(0, from).reduce((a, b) => a * b, 1);
    for (const radix of factors.slice(from, to)) {
      const m = length / (s * radix);
      this.push(radixOperation(m === 1 ? 'last' : 'twiddle', radix), {
        ...this.radixFields(radix, m),
        x: this.offset(this.current),
        y: this.offset(this.current ^ 1),
        xLegs: s * m * elementBytes,
        yLegs: s * elementBytes,
        outer: m,
        inner: s,
        // the inner loop leaves y at leg 1 of the block it wrote
        yStep: (radix - 1) * s * elementBytes,
      });
      this.current = this.current === 0 ? 1 : 0;
      s *= radix;
    }
  }

  private radixFields(radix: number, m: number): Fields {
    const isUnrolled = radix <= largestUnrolled;
    return {
      radix,
      roots: m > 1 ? this.table.twiddles(radix, m) : 0,
      constants: isUnrolled ? this.table.symmetricConstants(radix) : this.table.primeConstants(radix),
      spare: this.quads * 2 * bufferBytes(this.spec.n),
    };
  }

  private multiply(roots: number, count: number, fields: Fields): void {
    const at = this.offset(this.current);
    this.push('multiply', { x: at, y: at, roots, outer: count, ...fields });
  }

  /** Place in memory of element j of the input: ifftshift. */
  private readonly inputIndex = (j: number): number => (j + this.half) % this.spec.n;

  /** Place in memory of element k of the output: fftshift. The inverse transform is the forward one read backwards. */
  private readonly outputIndex = (k: number): number => {
    const { n, inverse } = this.spec;
    return inverse ? (this.half - k + n) % n : (k + this.half) % n;
  };

  /** Brings the input into working memory, by the first pass where `radix` is not 1. */
  private load(radix: number): void {
    const { n, arrangement } = this.spec;
    const { stride } = arrangement;
    const m = n / radix;
    for (const { start, count } of runs(m, n - this.half)) {
      const y = this.offset(0) + radix * start * elementBytes;
      if (arrangement.kind === 'rows') {
        const x = this.inputIndex(start) * complexBytes;
        this.push('loadRows', { xInMemory: 1, x, y, xStep: stride, outer: (count + 1) >> 1 });
        continue;
      }
      const fields = this.radixFields(radix, m);
      this.push(radixOperation('load', radix), {
        ...fields,
        ...this.quadFields(stride, radix * elementBytes, 'x'),
        roots: fields.roots! + complexBytes * (radix - 1) * start,
        xInMemory: 1,
        x: this.inputIndex(start) * stride,
        y,
        xLegs: this.legs(this.inputIndex, start, m, radix),
        yLegs: elementBytes,
        outer: count,
      });
    }
  }

  /** Brings the result to the output, by the last pass where `radix` is not 1. */
  private store(radix: number): void {
    const { n, inverse, arrangement, width } = this.spec;
    const span = n / radix;
    const stride = inverse ? -arrangement.stride : arrangement.stride;
    for (const { start, count } of runs(span, inverse ? this.half + 1 : n - this.half)) {
      if (arrangement.kind === 'rows') {
        this.storeRows(start, count);
        continue;
      }
      const place = {
        x: this.offset(this.current) + start * elementBytes,
        yInMemory: 1,
        y: this.outputIndex(start) * arrangement.stride,
        scale: floatWord(this.spec.scale),
        outer: count,
      };
      if (width === 3) this.push('storeNarrow', { ...place, yStep: stride });
      else
        this.push(radixOperation('store', radix), {
          ...this.radixFields(radix, 1),
          ...this.quadFields(elementBytes, stride, 'y'),
          ...place,
          xLegs: span * elementBytes,
          yLegs: this.legs(this.outputIndex, start, span, radix),
        });
    }
  }

  /** Rows are stored upwards, so the inverse transform is read from its last element down. */
  private storeRows(start: number, count: number): void {
    const { inverse, arrangement, scale } = this.spec;
    const lowest = inverse ? start + count - 1 : start;
    this.push('storeRows', {
      x: this.offset(this.current) + lowest * elementBytes,
      yInMemory: 1,
      y: this.outputIndex(lowest) * complexBytes,
      xStep: inverse ? -elementBytes : elementBytes,
      yStep: arrangement.stride,
      outer: count >> 1,
      inner: count & 1,
      spare: this.offset(this.current ^ 1),
      scale: floatWord(scale),
    });
  }

  /** The inner loop over quads of columns, and what is left of a step to the next element after it. */
  private quadFields(xStep: number, yStep: number, inMemory: 'x' | 'y'): Fields {
    const quadStep = 2 * bufferBytes(this.spec.n);
    const [xQuad, yQuad] = inMemory === 'x' ? [columnBytes, quadStep] : [quadStep, columnBytes];
    const inner = this.quads;
    return { inner, quadStep, xStep: xStep - inner * xQuad, yStep: yStep - inner * yQuad };
  }

  /** Appends the offsets of the legs start + i·span from leg 0. */
  private legs(index: (j: number) => number, start: number, span: number, radix: number): number {
    const { stride } = this.spec.arrangement;
    return this.table.append(
      Array.from({ length: radix }, (_, i) => (index(start + i * span) - index(start)) * stride),
    );
  }
}

/** Parts of 0 … span − 1 within which no leg j + i·span wraps around in memory, as j = `wrap` does. */
function runs(span: number, wrap: number): { start: number; count: number }[] {
  const cut = wrap % span;
  const parts = [
    { start: 0, count: cut },
    { start: cut, count: span - cut },
  ];
  return parts.filter(({ count }) => count > 0);
}

/** Odd radices up to here have unrolled butterflies. */
const largestUnrolled = 7;
const radixOperation = (stage: Stage, radix: number): Operation =>
  `${stage}${radix > largestUnrolled ? 'prime' : (radix as Radix)}`;
