import {
  ArgumentError,
  add,
  broadcastShapes,
  checkFloating,
  checkOptions,
  checkTensor,
  conj,
  DTypeError,
  describe,
  formatShape,
  formatType,
  identity,
  isComplex,
  isScalar,
  mul,
  normaliseAxis,
  promote,
  real,
  reshape,
  type Scalar,
  ShapeError,
  sameShape,
  slice,
  stack,
  sum,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { checkSpace, type LinearOperator, linearOperator, sameType } from './linearOperator.js';

/** The identity on a space. */
export function identityOperator(domain: TensorType): LinearOperator {
  checkSpace('identityOperator', 'domain', domain);
  return linearOperator({
    name: 'identity',
    domain,
    range: domain,
    apply: identity,
    adjoint: identity,
    normal: identity,
  });
}

/** A^H as an operator: its `apply` is A's `adjoint` and the reverse. */
export function adjointOf(operator: LinearOperator): LinearOperator {
  const { name, domain, range, apply, adjoint } = checkOperator('adjointOf', 'the argument', operator);
  return linearOperator({ name: `${name}^H`, domain: range, range: domain, apply: adjoint, adjoint: apply });
}

/**
 * The product A B C …, applied from right to left: `compose(A, B).apply(x) = A(B x)`.
 *
 * The normal operator uses that of the leftmost factor, so a shortcut there is kept.
 *
 * @throws ShapeError when a factor's domain is not the range of the factor to its right.
 */
export function compose(...operators: readonly LinearOperator[]): LinearOperator {
  const fn = 'compose';
  checkList(fn, operators);
  for (let i = 0; i + 1 < operators.length; i++) {
    const [left, right] = [operators[i]!, operators[i + 1]!];
    if (!sameType(left.domain, right.range))
      throw new ShapeError({
        fn,
        argument: `the domain of ${left.name}`,
        expected: `the range of ${right.name}, ${formatType(right.range)}`,
        got: formatType(left.domain),
        remedy: 'Operators are applied from right to left.',
      });
  }
  const first = operators.at(-1)!;
  const last = operators[0]!;
  const inner = operators.slice(1);
  const through = (x: Tensor): Tensor => inner.reduceRight((value, operator) => operator.apply(value), x);
  const back = (y: Tensor): Tensor => inner.reduce((value, operator) => operator.adjoint(value), y);
  return linearOperator({
    name: operators.map(({ name }) => name).join(' '),
    domain: first.domain,
    range: last.range,
    apply: (x) => last.apply(through(x)),
    adjoint: (y) => back(last.adjoint(y)),
    normal: (x) => back(last.normal(through(x))),
  });
}

/**
 * The sum A + B + …
 * @throws ShapeError when domains or ranges differ.
 */
export function addOperators(...operators: readonly LinearOperator[]): LinearOperator {
  checkList('addOperators', operators);
  const { domain } = checkSameSpace('addOperators', operators, 'domain');
  const { range } = checkSameSpace('addOperators', operators, 'range');
  return linearOperator({
    name: `(${operators.map(({ name }) => name).join(' + ')})`,
    domain,
    range,
    apply: (x) => operators.map((operator) => operator.apply(x)).reduce((a, b) => add(a, b)),
    adjoint: (y) => operators.map((operator) => operator.adjoint(y)).reduce((a, b) => add(a, b)),
  });
}

/**
 * The multiple a A, with a number, a complex literal `{ re, im }` (complex domain and range), or a 0-d tensor,
 * which gradients reach.
 * @throws DTypeError for a complex factor where domain or range is real.
 */
export function scaleOperator(factor: Scalar | Tensor, operator: LinearOperator): LinearOperator {
  const fn = 'scaleOperator';
  const { name, domain, range } = checkOperator(fn, 'argument 2', operator);
  const conjugate = isScalar(factor) ? conjugateScalar(factor) : conjugateTensor(fn, factor);
  const isComplexFactor = isScalar(factor) ? typeof factor === 'object' : isComplex(factor.dtype);
  if (isComplexFactor && !(isComplex(domain.dtype) && isComplex(range.dtype)))
    throw new DTypeError({
      fn,
      argument: 'the factor',
      expected: `real for an operator from ${formatType(domain)} to ${formatType(range)}`,
      got: 'a complex one',
    });
  return linearOperator({
    name: `scaled ${name}`,
    domain,
    range,
    apply: (x) => mul(operator.apply(x), factor),
    adjoint: (y) => operator.adjoint(mul(y, conjugate())),
  });
}

const conjugateScalar = (factor: Scalar) => (): Scalar =>
  typeof factor === 'object' ? { re: factor.re, im: -factor.im } : factor;

function conjugateTensor(fn: string, factor: Tensor): () => Tensor {
  const { shape } = checkTensor(fn, 'the factor', factor);
  if (shape.length === 0) return () => conj(factor);
  throw new ShapeError({
    fn,
    argument: 'the factor',
    expected: 'a number or a 0-d tensor',
    got: formatShape(shape),
    remedy: 'Use multiplyOperator() for weights.',
  });
}

/**
 * Operators on one domain, on top of each other: y[i] = A_i x along a new axis of the range.
 *
 * @param options.axis where the new axis stands in the range; default first.
 * @throws ShapeError when domains or ranges differ.
 */
export function stackOperators(
  operators: readonly LinearOperator[],
  options: { axis?: number } = {},
): LinearOperator {
  const fn = 'stackOperators';
  checkList(fn, operators);
  const { axis = 0 } = checkOptions(fn, options, ['axis']);
  const { domain } = checkSameSpace(fn, operators, 'domain');
  const { range } = checkSameSpace(fn, operators, 'range');
  const at = normaliseAxis(fn, axis, range.shape.length + 1);
  const shape = [...range.shape.slice(0, at), operators.length, ...range.shape.slice(at)];
  const part = (y: Tensor, i: number): Tensor => slice(y, [...new Array<null>(at).fill(null), i]);
  return linearOperator({
    name: `stack(${operators.map(({ name }) => name).join(', ')})`,
    domain,
    range: { shape, dtype: range.dtype },
    apply: (x) =>
      stack(
        operators.map((operator) => operator.apply(x)),
        at,
      ),
    adjoint: (y) => operators.map((operator, i) => operator.adjoint(part(y, i))).reduce((a, b) => add(a, b)),
    normal: (x) => operators.map((operator) => operator.normal(x)).reduce((a, b) => add(a, b)),
  });
}

/**
 * Multiplication by weights, entry by entry: y = w ∘ x with broadcasting; A^H y = Σ conj(w) ∘ y over the
 * broadcast axes (its real part for a real domain). Masks, coil sensitivities, density compensation.
 *
 * @param weights floating or complex; gradients reach it.
 * @param domain default: the type of `weights`.
 */
export function multiplyOperator(weights: Tensor, domain: TensorType = weights): LinearOperator {
  const fn = 'multiplyOperator';
  checkFloating(fn, 'weights', weights);
  const from = checkSpace(fn, 'domain', domain);
  const range = {
    shape: broadcastShapes(fn, weights.shape, from.shape),
    dtype: promote(weights.dtype, from.dtype),
  };
  const isRealPart = !isComplex(from.dtype) && isComplex(range.dtype);
  return linearOperator({
    name: 'multiply',
    domain: from,
    range,
    apply: (x) => mul(weights, x),
    adjoint: (y) => {
      const product = mul(isComplex(weights.dtype) ? conj(weights) : weights, y);
      return sumTo(isRealPart ? real(product) : product, from.shape);
    },
  });
}

/** Sums over the axes that broadcasting from `shape` added or repeated. */
function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const shift = x.rank - shape.length;
  const axes = [...x.shape.keys()].filter((axis) => axis < shift || shape[axis - shift] !== x.shape[axis]);
  const total = axes.length === 0 ? x : sum(x, { axes, keepDims: true });
  return sameShape(total.shape, shape) ? total : reshape(total, shape);
}

function checkOperator(fn: string, argument: string, operator: LinearOperator): LinearOperator {
  if (
    operator === null ||
    typeof operator !== 'object' ||
    typeof operator.apply !== 'function' ||
    !operator.domain
  )
    throw new ArgumentError({ fn, argument, expected: 'a LinearOperator', got: describe(operator) });
  return operator;
}

function checkList(fn: string, operators: readonly LinearOperator[]): void {
  if (!Array.isArray(operators) || operators.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'operators',
      expected: 'at least one operator',
      got: describe(operators),
    });
  operators.forEach((operator, i) => {
    checkOperator(fn, `operator ${i + 1}`, operator);
  });
}

function checkSameSpace(
  fn: string,
  operators: readonly LinearOperator[],
  space: 'domain' | 'range',
): LinearOperator {
  const first = operators[0]!;
  for (const operator of operators)
    if (!sameType(operator[space], first[space]))
      throw new ShapeError({
        fn,
        argument: `the ${space} of ${operator.name}`,
        expected: `that of ${first.name}, ${formatType(first[space])}`,
        got: formatType(operator[space]),
      });
  return first;
}
