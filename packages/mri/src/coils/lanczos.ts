import { type Device, type DType, linalg, realOf, tensor } from '@adjoint/tensor';

/** A Hermitian matrix on the host, rows behind one another. */
export interface HermitianMatrix {
  readonly size: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Where, and in what precision, small matrices are handed to `linalg`. */
  readonly dtype: DType;
  readonly device: Device;
}

/** Eigenvalues, descending, and unit eigenvectors, one behind another. */
export interface TopEigenpairs {
  readonly values: Float64Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Steps between looks at what has converged: each costs an eigendecomposition as large as the steps so far. */
const stepsPerLook = 32;
/** Largest error of an eigenvalue that is kept, relative to the largest one. */
const accuracy = 1e-5;

/**
 * The eigenpairs of a positive semidefinite matrix whose eigenvalues exceed `threshold` times the largest, by Lanczos'
 * method with full reorthogonalisation: work goes with their number. In the worst case it runs to the end, and
 * is an ordinary tridiagonalisation.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., sections 10.1 and 10.3.
 */
export async function topEigenpairs(a: HermitianMatrix, threshold: number): Promise<TopEigenpairs> {
  const basis = new Krylov(a);
  for (;;) {
    basis.extend(stepsPerLook);
    const ritz = await basis.ritz();
    const count = ritz.values.filter((value) => value > threshold * ritz.values[0]!).length;
    const isSettled = ritz.errors.subarray(0, count).every((error) => error <= accuracy * ritz.values[0]!);
    // a value below the threshold shows that those above have all come out
    if (basis.isComplete || (isSettled && count < ritz.values.length)) return basis.vectors(ritz, count);
  }
}

/** Eigenpairs of the tridiagonal matrix, descending, with bounds of their errors as eigenvalues of A. */
interface Ritz {
  readonly values: Float64Array;
  readonly errors: Float64Array;
  /** Component i of vector j at [i · steps + j], ascending j as eigh gives them. */
  readonly vectors: ArrayLike<number>;
  readonly steps: number;
}

/** An orthonormal basis Q of A's Krylov space, with Q^H A Q tridiagonal. */
class Krylov {
  private readonly re: Float64Array;
  private readonly im: Float64Array;
  private readonly diagonal: number[] = [];
  private readonly offDiagonal: number[] = [];
  private seed = 1;

  constructor(private readonly a: HermitianMatrix) {
    this.re = new Float64Array(a.size * a.size);
    this.im = new Float64Array(a.size * a.size);
    this.start(0);
  }

  get isComplete(): boolean {
    return this.diagonal.length === this.a.size;
  }

  extend(steps: number): void {
    for (let i = 0; i < steps && !this.isComplete; i++) this.step();
  }

  private step(): void {
    const n = this.a.size;
    const k = this.diagonal.length;
    const w = multiply(this.a, this.re.subarray(k * n, k * n + n), this.im.subarray(k * n, k * n + n));
    const along = this.orthogonalise(w, k + 1);
    this.diagonal.push(along);
    if (this.isComplete) return;
    const length = Math.hypot(norm(w.re), norm(w.im));
    // relative to the matrix: an invariant subspace is exhausted, another one begins
    if (length <= 1e-14 * Math.max(...this.diagonal)) {
      this.offDiagonal.push(0);
      this.start(k + 1);
      return;
    }
    this.offDiagonal.push(length);
    this.put(k + 1, w, length);
  }

  /** Subtracts the projections on the first `count` basis vectors; returns the last one's component. */
  private orthogonalise({ re: u, im: v }: { re: Float64Array; im: Float64Array }, count: number): number {
    const n = this.a.size;
    let last = 0;
    for (let k = count - 1; k >= 0; k--) {
      const [re, im] = [this.re.subarray(k * n, k * n + n), this.im.subarray(k * n, k * n + n)];
      let x = 0;
      let y = 0;
      for (let i = 0; i < n; i++) {
        x += re[i]! * u[i]! + im[i]! * v[i]!;
        y += re[i]! * v[i]! - im[i]! * u[i]!;
      }
      for (let i = 0; i < n; i++) {
        u[i]! -= x * re[i]! - y * im[i]!;
        v[i]! -= x * im[i]! + y * re[i]!;
      }
      if (k === count - 1) last = x;
    }
    return last;
  }

  /** A pseudo-random basis vector k, orthogonal to those before. */
  private start(k: number): void {
    const n = this.a.size;
    const draw = (): number => {
      this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0;
      return this.seed / 2 ** 32 - 0.5;
    };
    const w = { re: Float64Array.from({ length: n }, draw), im: Float64Array.from({ length: n }, draw) };
    // twice, as nearly all of a random vector may cancel
    this.orthogonalise(w, k);
    this.orthogonalise(w, k);
    this.put(k, w, Math.hypot(norm(w.re), norm(w.im)));
  }

  private put(k: number, { re, im }: { re: Float64Array; im: Float64Array }, length: number): void {
    const n = this.a.size;
    for (let i = 0; i < n; i++) {
      this.re[k * n + i] = re[i]! / length;
      this.im[k * n + i] = im[i]! / length;
    }
  }

  async ritz(): Promise<Ritz> {
    const steps = this.diagonal.length;
    const t = new Float64Array(steps * steps);
    for (let i = 0; i < steps; i++) {
      t[i * steps + i] = this.diagonal[i]!;
      if (i + 1 < steps) t[i * steps + i + 1] = t[(i + 1) * steps + i] = this.offDiagonal[i]!;
    }
    const { dtype, device } = this.a;
    using matrix = tensor(t, { shape: [steps, steps], dtype: realOf(dtype), device });
    const { values, vectors } = await linalg.eigh(matrix);
    const [ascending, components] = await Promise.all([values.data(), vectors.data()]);
    values.dispose();
    vectors.dispose();
    const beyond = this.offDiagonal[steps - 1] ?? 0;
    return {
      values: Float64Array.from(ascending).reverse(),
      errors: Float64Array.from({ length: steps }, (_, j) =>
        Math.abs(beyond * components[(steps - 1) * steps + (steps - 1 - j)]!),
      ),
      vectors: components,
      steps,
    };
  }

  /** The first `count` Ritz vectors: Q s. */
  vectors({ values, vectors, steps }: Ritz, count: number): TopEigenpairs {
    const n = this.a.size;
    const [re, im] = [new Float64Array(count * n), new Float64Array(count * n)];
    for (let j = 0; j < count; j++)
      for (let k = 0; k < steps; k++) {
        const s = vectors[k * steps + (steps - 1 - j)]!;
        for (let i = 0; i < n; i++) {
          re[j * n + i]! += s * this.re[k * n + i]!;
          im[j * n + i]! += s * this.im[k * n + i]!;
        }
      }
    return { values: values.slice(0, count), re, im };
  }
}

function multiply(a: HermitianMatrix, x: Float64Array, y: Float64Array) {
  const n = a.size;
  const [re, im] = [new Float64Array(n), new Float64Array(n)];
  for (let row = 0; row < n; row++) {
    let u = 0;
    let v = 0;
    for (let i = 0, at = row * n; i < n; i++, at++) {
      const p = a.re[at]!;
      const q = a.im[at]!;
      u += p * x[i]! - q * y[i]!;
      v += p * y[i]! + q * x[i]!;
    }
    re[row] = u;
    im[row] = v;
  }
  return { re, im };
}

const norm = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
