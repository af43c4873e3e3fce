import { grad, scan } from '@adjoint/autograd';
import {
  abs2,
  add,
  cast,
  complex,
  conj,
  conv2d,
  cumsum,
  div,
  exp,
  expand,
  fft,
  flip,
  ifft,
  imag,
  isComplex,
  jit,
  logSumExp,
  matmul,
  mean,
  moments,
  mul,
  neg,
  pad,
  real,
  reshape,
  roll,
  sigmoid,
  sin,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  unsqueeze,
} from '@adjoint/tensor';
import type { Draw } from '@adjoint/tensor/testing';

/** One instruction: which op, on which earlier values, with which choice. */
interface Instruction {
  readonly name: string;
  readonly first: number;
  readonly second: number;
  readonly choice: number;
}

/** A function made of drawn instructions; smooth everywhere, and of values of order one. */
export interface RandomProgram {
  readonly text: string;
  /** The last few values. */
  run(inputs: readonly Tensor[]): Tensor[];
}

type Step = (x: Tensor, y: Tensor, choice: number) => Tensor;

const one = (x: Tensor): Tensor => (isComplex(x.dtype) ? div(x, add(abs2(x), 1)) : tanh(x));
const realPart = (x: Tensor): Tensor => (isComplex(x.dtype) ? real(x) : x);
/** To order one, by its root mean square. */
const normalised = (x: Tensor): Tensor => div(x, sqrt(add(mean(abs2(x)), 1)));

const fitsTo = (x: Tensor, y: Tensor): boolean => {
  const [a, b] = [[...x.shape].reverse(), [...y.shape].reverse()];
  return a.every((n, i) => b[i] === undefined || n === 1 || b[i] === 1 || n === b[i]);
};
/** `y` as it is if it broadcasts with `x`, else its mean. */
const beside = (x: Tensor, y: Tensor): Tensor => (fitsTo(x, y) ? y : mean(y));

const axisOf = (x: Tensor, choice: number): number => choice % x.rank;
const withAxis = (x: Tensor): Tensor => (x.rank === 0 ? reshape(x, [1]) : x);
const asMatrix = (x: Tensor): Tensor => {
  const flat = withAxis(x);
  return reshape(flat, [-1, flat.shape.at(-1)!]);
};

const slope: Step = (x, y) => {
  const weight = realPart(beside(x, y));
  return grad((v: Tensor) => sum(mul(realPart(one(v)), weight)))(x);
};

/** A loop over a value that reads itself, another value and the number of the step; it has 0 to 4 steps. */
const loop: Step = (x, y, k) => {
  const weight = realPart(mean(y));
  const body = (c: Tensor, step: Tensor): Tensor => one(add(mul(c, weight), div(x, add(step, 1))));
  return scan(body, k % 5, x, { checkpointEvery: 1 + (k % 3) });
};

/** Gradient descent in a loop, with momentum. */
const descent: Step = (x, y, k) => {
  const weight = realPart(mean(y));
  const loss = (v: Tensor): Tensor => sum(mul(realPart(one(v)), weight));
  const start = { x, momentum: mul(x, 0) };
  const last = scan(
    (c: typeof start) => {
      const momentum = sub(mul(c.momentum, 0.5), mul(grad(loss)(c.x), 0.3));
      return { x: add(c.x, momentum), momentum };
    },
    1 + (k % 4),
    start,
  );
  return add(last.x, last.momentum);
};

const steps: Readonly<Record<string, Step>> = {
  scale: (x, _, k) => mul(x, (k % 5) / 2 - 1),
  shift: (x, _, k) => add(x, (k % 3) - 1),
  rotate: (x) => mul(x, { re: 0.6, im: -0.8 }),
  neg: (x) => neg(x),
  one: (x) => one(x),
  sin: (x) => sin(realPart(x)),
  exp: (x) => exp(neg(abs2(x))),
  sigmoid: (x) => sigmoid(realPart(x)),
  square: (x) => normalised(square(x)),
  conj: (x) => conj(x),
  abs2: (x) => normalised(abs2(x)),
  real: (x) => realPart(x),
  imag: (x) => (isComplex(x.dtype) ? imag(x) : x),
  complex: (x, y) => (isComplex(x.dtype) ? x : complex(x, realPart(beside(x, y)))),
  cast: (x) => (isComplex(x.dtype) ? x : cast(x, x.dtype === 'f64' ? 'c128' : 'c64')),
  add: (x, y) => add(x, beside(x, y)),
  sub: (x, y) => sub(beside(x, y), x),
  mul: (x, y) => normalised(mul(x, beside(x, y))),
  div: (x, y) => div(x, add(abs2(beside(x, y)), 1)),
  transpose: (x) => transpose(x),
  flip: (x) => flip(x),
  everySecond: (x, _, k) =>
    x.rank === 0 ? x : slice(x, [...new Array(axisOf(x, k)).fill(null), [null, null, 2]]),
  oneIndex: (x, _, k) => (x.rank === 0 ? x : slice(x, [...new Array(axisOf(x, k)).fill(null), 0])),
  flatten: (x) => reshape(x, [-1]),
  newAxis: (x, _, k) => (x.rank > 3 ? x : unsqueeze(x, k % (x.rank + 1))),
  expand: (x) => (x.rank > 3 ? x : expand(x, [2, ...x.shape])),
  sum: (x, _, k) => normalised(sum(withAxis(x), { axes: axisOf(withAxis(x), k), keepDims: k % 2 === 0 })),
  mean: (x, _, k) => mean(withAxis(x), { axes: axisOf(withAxis(x), k), keepDims: k % 2 === 0 }),
  variance: (x, _, k) => moments(withAxis(x), { axes: axisOf(withAxis(x), k), keepDims: true }).variance,
  logSumExp: (x, _, k) => logSumExp(realPart(withAxis(x)), { axes: axisOf(withAxis(x), k) }),
  cumsum: (x, _, k) => normalised(cumsum(withAxis(x), { axis: axisOf(withAxis(x), k) })),
  roll: (x, _, k) => roll(withAxis(x), 1, axisOf(withAxis(x), k)),
  fft: (x, _, k) => fft(withAxis(x), { axis: axisOf(withAxis(x), k), norm: 'ortho' }),
  ifft: (x, _, k) => ifft(withAxis(x), { axis: axisOf(withAxis(x), k), norm: 'ortho' }),
  matmul: (x) => normalised(matmul(asMatrix(x), transpose(asMatrix(x)))),
  pad: (x) => pad(withAxis(x), [[1, 1]]),
  conv2d: (x) => {
    const image = asMatrix(realPart(x));
    const weight = slice(image, [
      [0, 2],
      [0, 2],
    ]);
    return normalised(
      conv2d(reshape(image, [1, 1, ...image.shape]), reshape(weight, [1, 1, ...weight.shape]), {
        padding: 1,
      }),
    );
  },
  slope,
  loop,
  descent,
  inner: (x, y) => jit((a: Tensor, b: Tensor, c: Tensor) => add(mul(one(a), c), b))(x, beside(x, y), 0.5),
};
const names = Object.keys(steps);
/** Larger values are averaged over their first axis. */
const mostElements = 400;

/** Draws a program of `inputs` arguments. */
export function randomProgram(draw: Draw, inputs: number): RandomProgram {
  const program = Array.from({ length: draw.int(2, 14) }, (_, i): Instruction => {
    const known = inputs + i - 1;
    // mostly recent values, so that graphs get deep as well as wide
    const recent = () => known - Math.min(draw.int(0, known), draw.int(0, known));
    return { name: draw.pick(names), first: recent(), second: recent(), choice: draw.int(0, 11) };
  });
  const run = (args: readonly Tensor[]): Tensor[] => {
    const values = [...args];
    for (const { name, first, second, choice } of program) {
      let value = steps[name]!(values[first]!, values[second]!, choice);
      while (value.size > mostElements) value = mean(value, { axes: 0 });
      values.push(value);
    }
    return values.slice(-3);
  };
  const text = program
    .map(({ name, first, second, choice }) => `${name}(${first}, ${second}; ${choice})`)
    .join(' ');
  return { text, run };
}
