import {
  AdjointError,
  ArgumentError,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  type Device,
  describe,
  formatType,
  isDifferentiable,
  isDouble,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import { record } from '../recording.js';
import { disposeTree, mapTree, rebuildTree, treeLeaves } from '../tree.js';
import { type Direction, directionsOf, type Loss, richardson } from './differences.js';
import { checkName, checkProbed, download, Probe, upload } from './probe.js';

export interface GradcheckOptions {
  /** Arguments to differentiate, from 0; default: all whose tensors are floating or complex. */
  readonly argnums?: readonly number[];
  /** 1 checks first derivatives, 2 the derivatives of the gradient. Default 1. */
  readonly order?: 1 | 2;
  /** Largest relative error; default 1e-6 in double precision, 5e-3 in single. */
  readonly rtol?: number;
  /** Step of the differences; default 1e-3 in double precision, 3e-2 in single. */
  readonly step?: number;
  /** Seed of cotangents and directions; default 0. */
  readonly seed?: number;
  /** Name in messages; default that of the function. */
  readonly name?: string;
  /** Tensors with at most this many real entries are checked entry by entry; default 32. */
  readonly maxEntries?: number;
}

/** A derivative along one direction. */
export interface Derivative {
  /** Which of the checked tensors, from 0. */
  readonly input: number;
  /** Where in it: `[1, 0] (imaginary part)` or `random direction`. */
  readonly index: string;
  readonly analytic: number;
  readonly numeric: number;
}

export interface GradcheckReport {
  /** Largest error, relative to the largest derivative of the same tensor. */
  readonly maxError: number;
  readonly worst: Derivative | undefined;
  readonly directions: number;
  readonly rtol: number;
  readonly seed: number;
}

/** A gradient and finite differences disagree. */
export class GradcheckError extends AdjointError {
  constructor(
    message: string,
    readonly report: GradcheckReport,
  ) {
    super(message);
  }
}

/**
 * Compares the gradient of `f` with fourth-order central differences (Richardson), in the direction of
 * every real and imaginary part of the inputs, or along random ones where there are many.
 *
 * `f` may return any tree of real and complex tensors: the loss is Re⟨w, f(x)⟩ with random w. Nothing is
 * assumed about complex differentiability, so R-linear functions (conj, abs) are checked alike. Use the
 * reference device with f64 and c128 for a sharp test; in single precision the differences themselves
 * are good to about 1e-3.
 *
 * @param inputs the point, one entry per argument of `f`; away from kinks.
 * @returns the worst error found.
 * @throws GradcheckError when an error exceeds `rtol`, with both values and all that is needed to repeat it.
 */
export async function gradcheck(
  f: (...args: never[]) => unknown,
  inputs: readonly unknown[],
  options: GradcheckOptions = {},
): Promise<GradcheckReport> {
  const problem = pose(f, inputs, options);
  const { seed = 0, order = 1, name = f.name || 'function', maxEntries = 32 } = options;
  if (order === 1) return check(problem, { ...options, name, maxEntries, seed });
  const { argnums } = problem;
  const cotangents = randomCotangents(problem);
  try {
    const gradient = (...args: unknown[]): unknown[] =>
      pull({ ...problem, inputs: args.slice(0, -1) }, args.at(-1) as Tensor[]);
    return await check(
      { ...problem, f: gradient, inputs: [...inputs, cotangents], argnums: [...argnums, inputs.length] },
      { ...options, name: `gradient of ${name}`, maxEntries, seed },
    );
  } finally {
    disposeTree(cotangents);
  }
}

/** A function, a point, and what to differentiate there. */
interface Problem {
  readonly f: (...args: never[]) => unknown;
  readonly inputs: readonly unknown[];
  readonly argnums: readonly number[];
  readonly device: Device;
  readonly probe: Probe;
}

function pose(f: Problem['f'], inputs: readonly unknown[], options: GradcheckOptions): Problem {
  const fn = 'gradcheck';
  checkFunction(fn, 'the function', f);
  checkOptions(fn, options, ['argnums', 'order', 'rtol', 'step', 'seed', 'name', 'maxEntries']);
  checkName(fn, options.name);
  if (!Array.isArray(inputs))
    throw new ArgumentError({
      fn,
      argument: 'inputs',
      expected: 'an array of arguments of f',
      got: describe(inputs),
    });
  mapTree(inputs, (leaf, path) => checkTensor(fn, `inputs${path}`, leaf));
  checkInteger(fn, 'option order', options.order ?? 1, { min: 1, max: 2 });
  checkInteger(fn, 'option maxEntries', options.maxEntries ?? 1, { min: 1 });
  checkNumber(fn, 'option rtol', options.rtol ?? 1, { positive: true });
  checkNumber(fn, 'option step', options.step ?? 1, { positive: true });
  const argnums = checkArgnums(fn, options.argnums, inputs) ?? differentiableArguments(inputs);
  const device = argnums.flatMap((argnum) => treeLeaves(inputs[argnum]))[0]?.device;
  if (!device)
    throw new ArgumentError({
      fn,
      argument: 'inputs',
      expected: 'with a floating or complex tensor',
      got: describe(inputs),
    });
  return { f, inputs, argnums, device, probe: new Probe(fn, options.seed ?? 0) };
}

function checkArgnums(
  fn: string,
  argnums: readonly number[] | undefined,
  inputs: readonly unknown[],
): readonly number[] | undefined {
  if (argnums === undefined) return undefined;
  if (!Array.isArray(argnums))
    throw new ArgumentError({ fn, argument: 'option argnums', expected: 'a list', got: describe(argnums) });
  for (const argnum of argnums)
    checkInteger(fn, 'option argnums', argnum, { min: 0, max: inputs.length - 1 });
  return argnums;
}

const differentiableArguments = (inputs: readonly unknown[]): number[] =>
  [...inputs.keys()].filter((i) => {
    const leaves = treeLeaves(inputs[i]);
    return leaves.length > 0 && leaves.every(({ dtype }) => isDifferentiable(dtype));
  });

/** The tensors of a result that carry gradients. */
const floatingLeaves = (value: unknown): Tensor[] =>
  treeLeaves(value).filter(({ dtype }) => isDifferentiable(dtype));

/** Cotangents of the differentiated arguments for cotangents of the floating results of f. */
function pull({ f, inputs, argnums }: Problem, cotangents: readonly Tensor[]): unknown[] {
  return scope(() => {
    const { value, tape, backward } = record('gradcheck', f, inputs, argnums);
    try {
      const seeds = floatingLeaves(value).map(({ id }, i) => [id, cotangents[i]!] as const);
      return backward(seeds, false);
    } finally {
      tape.dispose();
    }
  });
}

function randomCotangents({ f, inputs, probe, device }: Problem): Tensor[] {
  const types = scope(() =>
    checkProbed('gradcheck', floatingLeaves(f(...(inputs as never[])))).map(({ shape, dtype }) => ({
      shape,
      dtype,
    })),
  );
  return types.map((type) => upload(probe.values(type), type, device));
}

/** The gradient of Re⟨w, f⟩, and w, as host values; frees the cotangents w. */
async function gradientAndWeights(
  problem: Problem,
  cotangents: readonly Tensor[],
): Promise<[Float64Array[], Float64Array[]]> {
  try {
    const gradients = treeLeaves(pull(problem, cotangents));
    const values = await Promise.all([download(gradients), download(cotangents)]);
    disposeTree(gradients);
    return values;
  } finally {
    disposeTree(cotangents);
  }
}

interface Settings extends GradcheckOptions {
  readonly name: string;
  readonly maxEntries: number;
  readonly seed: number;
}

async function check(problem: Problem, settings: Settings): Promise<GradcheckReport> {
  const { inputs, argnums, device, probe } = problem;
  const { name, maxEntries, seed } = settings;
  const variables = argnums.flatMap((argnum) => treeLeaves(inputs[argnum]));
  const cotangents = randomCotangents(problem);
  const isSharp = [...variables, ...cotangents].every(({ dtype }) => isDouble(dtype));
  const { rtol = isSharp ? 1e-6 : 5e-3, step = isSharp ? 1e-3 : 3e-2 } = settings;
  const [gradient, weights] = await gradientAndWeights(problem, cotangents);
  const loss = await lossAlong(problem, variables, weights);
  // allowance for the rounding of the loss, divided by the step; generous where it costs no sharpness
  const rounding = isSharp ? 100 * 2 ** -52 : 20 * 2 ** -23;
  const found: (Derivative & { noise: number })[] = [];
  for (const direction of variables.flatMap((x, i) => directionsOf(x, i, maxEntries, probe))) {
    const { input, index, vector } = direction;
    const { derivative: numeric, magnitude } = await richardson((t) => loss(direction, t), step);
    const analytic = slopeAlong(gradient[input]!, vector);
    found.push({ input, index, analytic, numeric, noise: (rounding * magnitude) / step });
  }
  const report = { ...worstOf(found), directions: found.length, rtol, seed };
  if (!(report.maxError <= rtol)) throw failure(name, report, variables, device);
  return report;
}

function slopeAlong(gradient: Float64Array, vector: Float64Array): number {
  let slope = 0;
  // not 0·gradient: a NaN elsewhere is not on the way
  for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) slope += gradient[i]! * vector[i]!;
  return slope;
}

/** The loss Re⟨w, f⟩ at points along a direction. */
async function lossAlong(
  { f, inputs, argnums }: Problem,
  variables: readonly Tensor[],
  weights: readonly Float64Array[],
): Promise<(direction: Direction, t: number) => Promise<Loss>> {
  const point = await download(variables);
  return async ({ input, vector }, t) => {
    const x = variables[input]!;
    const results = scope(() => {
      const moved = upload(
        point[input]!.map((value, i) => value + t * vector[i]!),
        x,
        x.device,
      );
      const leaves = variables.map((variable, i) => (i === input ? moved : variable));
      let next = 0;
      const args = [...inputs];
      for (const argnum of argnums) {
        const count = treeLeaves(inputs[argnum]).length;
        args[argnum] = rebuildTree(inputs[argnum], leaves.slice(next, (next += count)));
      }
      return floatingLeaves(f(...(args as never[]))).map((result) => result.alias());
    });
    const values = await download(results);
    disposeTree(results);
    return weightedSum(weights, values);
  };
}

function weightedSum(weights: readonly Float64Array[], values: readonly Float64Array[]): Loss {
  const sum: Loss = { value: 0, magnitude: 0 };
  values.forEach((list, k) => {
    list.forEach((value, i) => {
      sum.value += value * weights[k]![i]!;
      sum.magnitude += Math.abs(value * weights[k]![i]!);
    });
  });
  return sum;
}

function worstOf(found: readonly (Derivative & { noise: number })[]): {
  maxError: number;
  worst: Derivative | undefined;
} {
  const scales: number[] = [];
  for (const { input, analytic, numeric } of found)
    scales[input] = Math.max(scales[input] ?? 0, Math.abs(analytic), Math.abs(numeric));
  let maxError = 0;
  let worst: Derivative | undefined;
  for (const { noise, ...derivative } of found) {
    const excess = Math.abs(derivative.analytic - derivative.numeric) - noise;
    // NaN anywhere is an error; so is an infinite derivative
    const error = excess <= 0 ? 0 : excess / scales[derivative.input]!;
    const value = Number.isNaN(error) ? Infinity : error;
    if (worst === undefined || value > maxError) [maxError, worst] = [value, derivative];
  }
  return { maxError, worst };
}

function failure(
  name: string,
  report: GradcheckReport,
  variables: readonly Tensor[],
  device: Device,
): GradcheckError {
  const { input, index, analytic, numeric } = report.worst!;
  return new GradcheckError(
    `gradcheck: ${name}: the derivative along input ${input} at ${index} is ${analytic}, but differences give ${numeric} ` +
      `(relative error ${report.maxError.toExponential(2)}, limit ${report.rtol}). ` +
      `Inputs: ${variables.map(formatType).join('; ')}. Device ${device.name}, seed ${report.seed}.`,
    report,
  );
}
