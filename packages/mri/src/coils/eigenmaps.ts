import {
  centredFft,
  centredIfft,
  concat,
  conj,
  contiguous,
  div,
  dtypeInfo,
  jit,
  matmul,
  maximum,
  mul,
  norm,
  pad,
  reshape,
  scope,
  slice,
  squeeze,
  stack,
  sub,
  sum,
  swapAxes,
  type Tensor,
  tensor,
  transpose,
  unitPhase,
  unsqueeze,
} from '@adjoint/tensor';

/** Unit eigenvectors and eigenvalues of G at every point. */
export interface Eigenmaps {
  /** Complex [..., sets, coils, H, W]. */
  readonly vectors: Tensor;
  /** Real [..., sets, H, W], largest first. */
  readonly values: Tensor;
}

/** How the iteration at every point begins. */
export interface EigenmapStart {
  /** Coils whose unit vectors the first, second, … set starts from. */
  readonly coils: readonly number[];
  /** Complex [coils, 1]: vectors get the phase that makes Σ_c conj(u_c) s_c real and positive. */
  readonly reference: Tensor;
}

/** As many as BART makes: where two eigenvalues are close, this decides what is found. */
const iterations = 30;
/** Iterations before a single vector is scaled again, lest it fade away where eigenvalues are small. */
const perScaling = 8;
/** Bytes of G that are worked on at a time: they are read again in every iteration. */
const bytesAtATime = 4 << 20;
/** Keeps what is 0 from being divided by 0. */
const smallest = 1e-30;

/**
 * Fourier coefficients along y of the operator G(r) = 1/k² Σ_j w_j(r) w_j(r)^H, as [dy, c, c', x]. Its entries are
 * trigonometric polynomials of degree k − 1: 2k x 2k points determine them.
 *
 * @param kernels [kernels, coils, k, k]
 * @param across exp(2πi x dx / W) as [dx, x]
 */
const columnCoefficients = jit((kernels: Tensor, across: Tensor): Tensor => {
  const [count, coils, k] = kernels.shape as [number, number, number];
  const points = 2 * k;
  const before = k - Math.floor(k / 2);
  const spread = pad(kernels, [
    [before, k - before],
    [before, k - before],
  ]);
  const images = transpose(reshape(centredIfft(spread), [count, coils, points * points]), [2, 1, 0]);
  const gram = matmul(images, conj(swapAxes(images, -1, -2)));
  const grid = reshape(gram, [points, points, coils * coils]);
  // (2k)² as the transforms of both factors are not to be unitary, 1/k², and 1/2k for that of the coefficients
  const coefficients = mul(centredFft(grid, { axes: [0, 1] }), points / k ** 2);
  return reshape(matmul(swapAxes(coefficients, 1, 2), across), [points, coils, coils, across.shape[1]!]);
});

/**
 * Eigenvectors [sets, rows, coils, W] and eigenvalues [sets, rows, W] of some rows: orthogonal iteration, the
 * first set keeping its direction, the others made orthogonal to those before.
 *
 * @param down exp(2πi y dy / H) as [y, dy]
 * @param starts [sets, 1, coils, 1]
 */
const rowEigenmaps = jit(
  (down: Tensor, coefficients: Tensor, starts: Tensor, reference: Tensor): Eigenmaps => {
    const [degrees, coils, , width] = coefficients.shape as [number, number, number, number];
    const flat = reshape(coefficients, [degrees, coils * coils * width]);
    const g = reshape(matmul(down, flat), [down.shape[0]!, coils, coils, width]);
    let vectors = Array.from({ length: starts.shape[0]! }, (_, set) => slice(starts, [set]));
    let values: Tensor[] = [];
    for (let i = 1; i <= iterations; i++) {
      vectors = vectors.map((v) => sum(mul(g, unsqueeze(v, -3)), { axes: -2 }));
      // the last step's input has to have norm 1, so that its output has the eigenvalue's
      if (vectors.length === 1 && i % perScaling !== 0 && i < iterations - 1) continue;
      ({ vectors, values } = orthonormalised(vectors));
    }
    const found = stack(vectors);
    const phase = unitPhase(sum(mul(conj(reference), found), { axes: -2, keepDims: true }));
    return { vectors: mul(found, conj(phase)), values: squeeze(stack(values), -2) };
  },
);

/** Gram and Schmidt: unit vectors [rows, coils, W], and the norms they had, [rows, 1, W]. */
function orthonormalised(given: readonly Tensor[]): { vectors: Tensor[]; values: Tensor[] } {
  const vectors: Tensor[] = [];
  const values: Tensor[] = [];
  for (const v of given) {
    const rest = vectors.reduce((x, u) => {
      const along = sum(mul(conj(u), x), { axes: -2, keepDims: true });
      return sub(x, mul(u, along));
    }, v);
    const size = norm(rest, { axes: -2, keepDims: true });
    values.push(size);
    vectors.push(div(rest, maximum(size, smallest)));
  }
  return { vectors, values };
}

/**
 * The eigenvectors of the largest eigenvalues of G(r) at the points of an image, a few rows at a time.
 *
 * @param kernels complex [kernels, coils, k, k], rows of V^H of the calibration matrix
 * @param size [H, W]
 * @param breath awaited after every few rows, with the part that is done
 */
export async function eigenmaps(
  kernels: Tensor,
  [height, width]: readonly [height: number, width: number],
  start: EigenmapStart,
  breath: (done: number) => Promise<void>,
): Promise<Eigenmaps> {
  const coils = kernels.shape[1]!;
  const rowBytes = coils ** 2 * width * dtypeInfo[kernels.dtype].bytes;
  const rows = Math.min(height, Math.max(1, Math.floor(bytesAtATime / rowBytes)));
  const parts = Math.ceil(height / rows);
  const made: Eigenmaps[] = [];
  const shared = scope(() => ({
    down: planeWaves(kernels, height, parts * rows),
    coefficients: columnCoefficients(kernels, swapAxes(planeWaves(kernels, width, width), 0, 1)),
    starts: unitVectors(kernels, start.coils),
  }));
  let behind = Promise.resolve();
  try {
    for (let i = 0; i < parts; i++) {
      const { down, coefficients, starts } = shared;
      const part = scope(() => slice(down, [[i * rows, (i + 1) * rows]]));
      made.push(rowEigenmaps(part, coefficients, starts, start.reference));
      part.dispose();
      // one part ahead of the device, no more
      await behind;
      behind = kernels.device.finish();
      behind.catch(() => undefined); // the next part awaits it, if there is one
      await breath((i + 1) / parts);
    }
    return scope(() => joinRows(made, height));
  } finally {
    for (const x of [...Object.values(shared), ...made.flatMap((part) => Object.values(part))]) x.dispose();
  }
}

/** exp(2πi (p − ⌊n/2⌋) d / n) for the first `points` points of an axis and degrees d = −k … k − 1: [points, 2k]. */
function planeWaves(kernels: Tensor, n: number, points: number): Tensor {
  const { dtype, device } = kernels;
  const k = kernels.shape[3]!;
  const values = new Float64Array(4 * k * points);
  let to = 0;
  for (let point = 0; point < points; point++)
    for (let degree = -k; degree < k; degree++) {
      const angle = (2 * Math.PI * (point - Math.floor(n / 2)) * degree) / n;
      values[to++] = Math.cos(angle);
      values[to++] = Math.sin(angle);
    }
  return tensor(values, { shape: [points, 2 * k], dtype, device });
}

/** The unit vectors of coils, as [sets, 1, coils, 1]. */
function unitVectors(kernels: Tensor, chosen: readonly number[]): Tensor {
  const { dtype, device } = kernels;
  const coils = kernels.shape[1]!;
  const values = new Float64Array(2 * chosen.length * coils);
  chosen.forEach((coil, set) => {
    values[2 * (set * coils + coil)] = 1;
  });
  return tensor(values, { shape: [chosen.length, 1, coils, 1], dtype, device });
}

/** Parts of a few rows [sets, rows, (coils,) W] behind one another, as [sets, (coils,) H, W]. */
function joinRows(parts: readonly Eigenmaps[], height: number): Eigenmaps {
  const joined = (rows: Tensor[]): Tensor => slice(concat(rows, 1), [null, [0, height]]);
  const vectors = swapAxes(joined(parts.map((part) => part.vectors)), 1, 2);
  return { vectors: contiguous(vectors), values: joined(parts.map((part) => part.values)) };
}
