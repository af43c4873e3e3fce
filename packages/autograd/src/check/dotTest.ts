import {
  AdjointError,
  ArgumentError,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  type Device,
  deviceOption,
  formatType,
  isComplex,
  isDouble,
  scope,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { checkSpace, type LinearOperator } from '../operators/linearOperator.js';
import { disposeTree, treeLeaves } from '../tree.js';
import { vjp } from '../vjp.js';
import { checkName, checkProbed, dot, download, norm, Probe, upload } from './probe.js';

export interface DotTestOptions {
  /** Types of a function's arguments; a list for several. Operators know theirs. */
  readonly domain?: TensorType | readonly TensorType[];
  /** `complex` (default where all tensors are complex): A(ix) = i A x. `real`: real-linear only. */
  readonly linearity?: 'complex' | 'real';
  /** Largest relative error; default 1e-10 in double precision, 2e-5 in single. */
  readonly rtol?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Name in messages; default that of the function or operator. */
  readonly name?: string;
  /** Default: the current device. */
  readonly device?: Device;
}

/** One property: two sides that should be equal. */
export interface DotCheck {
  readonly property: string;
  readonly left: string;
  readonly right: string;
  readonly error: number;
}

export interface DotTestReport {
  readonly maxError: number;
  readonly checks: readonly DotCheck[];
  readonly rtol: number;
  readonly seed: number;
}

/** A map is not linear, or what should be its adjoint is not. */
export class DotTestError extends AdjointError {
  constructor(
    message: string,
    readonly report: DotTestReport,
  ) {
    super(message);
  }
}

type Values = readonly Float64Array[];
type HostMap = (x: Values) => Promise<Values>;

/** A linear map and what should be its adjoint, between lists of host arrays. */
interface Subject {
  readonly name: string;
  readonly domain: readonly TensorType[];
  readonly range: readonly TensorType[];
  readonly forward: HostMap;
  readonly adjoint: HostMap;
  readonly operator?: LinearOperator;
}

/**
 * Checks with random x, x', y that a map A is linear, A(a x + b x') = a A x + b A x', and that its
 * adjoint is one: ⟨A x, y⟩ = ⟨x, A^H y⟩.
 *
 * For a function the adjoint is its pullback (vjp); give the types of its arguments as `domain`. For a
 * `LinearOperator` it is `.adjoint`, and it is also checked that the pullback of `apply` equals `adjoint`,
 * that of `adjoint` equals `apply`, and `normal` equals A^H A. With `linearity: 'real'` factors are real
 * and only Re⟨·,·⟩ is compared. Errors are relative to the norms of the vectors.
 *
 * @throws DotTestError with both sides of the first property that fails.
 * @example await dotTest(senseOperator(maps, mask), { seed: 7 });
 * @example await dotTest((x) => fft(x), { domain: { shape: [3, 8], dtype: 'c128' } });
 */
export async function dotTest(
  target: LinearOperator | ((...args: Tensor[]) => unknown),
  options: DotTestOptions = {},
): Promise<DotTestReport> {
  const fn = 'dotTest';
  checkOptions(fn, options, ['domain', 'linearity', 'rtol', 'seed', 'name', 'device']);
  checkName(fn, options.name);
  const device = deviceOption(fn, options.device);
  const probe = new Probe(fn, options.seed ?? 0);
  const subject =
    typeof target === 'function'
      ? functionSubject(target, options, probe, device)
      : operatorSubject(target, options, device);
  const types = [...subject.domain, ...subject.range];
  const isAllComplex = types.every(({ dtype }) => isComplex(dtype));
  const linearity = checkChoice(
    fn,
    'option linearity',
    options.linearity ?? (isAllComplex ? 'complex' : 'real'),
    ['complex', 'real'] as const,
  );
  const isSharp = types.every(({ dtype }) => isDouble(dtype));
  const rtol = checkNumber(fn, 'option rtol', options.rtol ?? (isSharp ? 1e-10 : 2e-5), { positive: true });
  const checks = await runChecks(subject, linearity === 'complex' && isAllComplex, probe, device);
  const maxError = Math.max(...checks.map(({ error }) => error));
  const report = { maxError, checks, rtol, seed: options.seed ?? 0 };
  // the first that fails: inner products say more than what follows from them
  const failed = checks.find((check) => !(check.error <= rtol));
  if (!failed) return report;
  const { property, left, right, error } = failed;
  throw new DotTestError(
    `dotTest: ${subject.name}: ${property} fails: ${left} but ${right} (relative error ${error.toExponential(2)}, ` +
      `limit ${rtol}). ${subject.domain.map(formatType).join('; ')} -> ${subject.range.map(formatType).join('; ')}, ` +
      `${linearity} linearity, device ${device.name}, seed ${report.seed}.`,
    report,
  );
}

async function runChecks(
  subject: Subject,
  isComplexLinear: boolean,
  probe: Probe,
  device: Device,
): Promise<DotCheck[]> {
  const { forward, adjoint, operator } = subject;
  const draw = (types: readonly TensorType[]): Values =>
    types.map((type) => rounded(probe.values(type), type));
  const [x, other, y] = [draw(subject.domain), draw(subject.domain), draw(subject.range)];
  const [a, b] = [0, 1].map(() => [probe.normal(), isComplexLinear ? probe.normal() : 0] as const);
  const combine = (u: Values, v: Values): Values =>
    u.map((list, k) => sumOf(scaled(list, a!), scaled(v[k]!, b!)));
  const [ax, aOther, ahy] = [await forward(x), await forward(other), await adjoint(y)];
  const mixed = await forward(combine(x, other));
  const checks = [
    innerCheck(isComplexLinear, ax, y, x, ahy),
    equalCheck("linearity A(a x + b x') = a A x + b A x'", mixed, combine(ax, aOther)),
  ];
  if (!operator) return checks;
  const { domain, range } = operator;
  const pulled = pullbackOf(operator.apply, domain, range, probe, device);
  const pulledAdjoint = pullbackOf(operator.adjoint, range, domain, probe, device);
  const normal = hostMap((v) => operator.normal(v!), [domain], device);
  checks.push(
    equalCheck('pullback of apply = adjoint', await pulled(y), ahy),
    equalCheck('pullback of adjoint = apply', await pulledAdjoint(x), ax),
    equalCheck('normal = adjoint of apply', await normal(x), await adjoint(ax)),
  );
  return checks;
}

/** What is left of host values after a trip through their dtype. */
const rounded = (values: Float64Array, { dtype }: TensorType): Float64Array =>
  isDouble(dtype) ? values : Float64Array.from(Float32Array.from(values));

function functionSubject(
  f: (...args: Tensor[]) => unknown,
  options: DotTestOptions,
  probe: Probe,
  device: Device,
): Subject {
  const name = options.name ?? (f.name || 'function');
  if (options.domain === undefined)
    throw new ArgumentError({
      fn: 'dotTest',
      argument: 'option domain',
      expected: 'the type { shape, dtype } of the argument',
      got: 'undefined',
    });
  const list = Array.isArray(options.domain) ? options.domain : [options.domain as TensorType];
  const domain = list.map((type) => checkSpace('dotTest', 'option domain', type));
  const point = domain.map((type) => probe.values(type));
  const range = scope(() => {
    const value = f(...point.map((values, i) => upload(values, domain[i]!, device)));
    return checkProbed('dotTest', treeLeaves(value)).map(({ shape, dtype }) => ({ shape, dtype }));
  });
  const adjoint = hostMap(
    (...cotangents) => {
      const at = point.map((values, i) => upload(values, domain[i]!, device));
      using pulled = vjp((...args: Tensor[]) => treeLeaves(f(...args)), ...at);
      return pulled.pullback(cotangents);
    },
    range,
    device,
  );
  return { name, domain, range, forward: hostMap(f, domain, device), adjoint };
}

function operatorSubject(operator: LinearOperator, options: DotTestOptions, device: Device): Subject {
  checkFunction('dotTest', 'the operator, or its apply,', operator?.apply);
  checkFunction('dotTest', 'the adjoint of the operator', operator.adjoint);
  const { domain, range } = operator;
  return {
    name: options.name ?? operator.name,
    domain: [domain],
    range: [range],
    forward: hostMap((x) => operator.apply(x!), [domain], device),
    adjoint: hostMap((y) => operator.adjoint(y!), [range], device),
    operator,
  };
}

/** A function of tensors as a function of host arrays. */
function hostMap(f: (...args: Tensor[]) => unknown, types: readonly TensorType[], device: Device): HostMap {
  return async (values) => {
    // aliases: a result may be somebody else's tensor
    const results = scope(() => {
      const args = values.map((list, i) => upload(list, types[i]!, device));
      return treeLeaves(f(...args)).map((result) => result.alias());
    });
    const host = await download(results);
    disposeTree(results);
    return host;
  };
}

/** The pullback of one part of an operator at a random point. */
function pullbackOf(
  f: (x: Tensor) => Tensor,
  from: TensorType,
  to: TensorType,
  probe: Probe,
  device: Device,
): HostMap {
  const point = probe.values(from);
  return hostMap(
    (cotangent) => {
      using at = vjp(f, upload(point, from, device));
      return at.pullback(cotangent!);
    },
    [to],
    device,
  );
}

const scaled = (values: Float64Array, [re, im]: readonly [number, number]): Float64Array =>
  im === 0
    ? values.map((value) => re * value)
    : values.map((value, i) =>
        i % 2 === 0 ? re * value - im * values[i + 1]! : re * value + im * values[i - 1]!,
      );

const sumOf = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!);

/** i·values, for the imaginary part of inner products. */
const turned = (list: Values): Values => list.map((values) => scaled(values, [0, 1]));

function innerCheck(isComplexLinear: boolean, ax: Values, y: Values, x: Values, ahy: Values): DotCheck {
  // ⟨u, v⟩ = Σ conj(u) v: its imaginary part is Re⟨i u, v⟩
  const inner = (u: Values, v: Values): [number, number] => [
    dot(u, v),
    isComplexLinear ? dot(turned(u), v) : 0,
  ];
  const [left, right] = [inner(ax, y), inner(x, ahy)];
  const difference = Math.hypot(left[0] - right[0], left[1] - right[1]);
  const show = ([re, im]: [number, number]): string =>
    isComplexLinear ? `${re}${im < 0 ? '-' : '+'}${Math.abs(im)}i` : String(re);
  return {
    property: 'adjoint',
    left: `<Ax, y> = ${show(left)}`,
    right: `<x, A^H y> = ${show(right)}`,
    error: relative(difference, Math.max(norm(ax) * norm(y), norm(x) * norm(ahy))),
  };
}

function equalCheck(property: string, left: Values, right: Values): DotCheck {
  const difference = left.map((values, k) => values.map((value, i) => value - right[k]![i]!));
  return {
    property,
    left: `the left side has norm ${norm(left)}`,
    right: `the right side ${norm(right)}`,
    error: relative(norm(difference), Math.max(norm(left), norm(right))),
  };
}

function relative(difference: number, scale: number): number {
  if (difference === 0) return 0;
  return Number.isFinite(difference / scale) ? difference / scale : Infinity;
}
