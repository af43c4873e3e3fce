import {
  ArgumentError,
  checkFunction,
  checkOptions,
  checkShape,
  checkTensor,
  type DType,
  DTypeError,
  describe,
  dtypeInfo,
  formatType,
  isDifferentiable,
  ShapeError,
  sameShape,
  scope,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';

/**
 * A linear map A between tensor spaces, with its adjoint: Re⟨A x, y⟩ = Re⟨x, A^H y⟩ (complex-linear maps
 * between complex spaces: without Re). `apply` and `adjoint` are compositions of differentiable
 * operations, so gradients reach x and the tensors the operator is made of (maps, masks, weights).
 */
export interface LinearOperator {
  readonly name: string;
  /** What `apply` takes: exactly this shape and dtype. */
  readonly domain: TensorType;
  /** What `apply` returns. */
  readonly range: TensorType;
  apply(x: Tensor): Tensor;
  adjoint(y: Tensor): Tensor;
  /** A^H A x. */
  normal(x: Tensor): Tensor;
}

export interface LinearOperatorParts {
  /** Names the operator in errors and reports. */
  readonly name: string;
  readonly domain: TensorType;
  readonly range: TensorType;
  readonly apply: (x: Tensor) => Tensor;
  readonly adjoint: (y: Tensor) => Tensor;
  /** A^H A where a shorter way exists; default `adjoint(apply(x))`. */
  readonly normal?: (x: Tensor) => Tensor;
}

/**
 * Makes a linear operator out of its parts. Types are checked at every call, going in and coming out, so
 * a wrong shape is reported where it arises. `dotTest` checks that the parts fit together.
 *
 * @throws ArgumentError, ShapeError, DTypeError when a part is missing or not what it should be.
 */
export function linearOperator(parts: LinearOperatorParts): LinearOperator {
  const fn = 'linearOperator';
  checkOptions(fn, parts, ['name', 'domain', 'range', 'apply', 'adjoint', 'normal'], 'parts');
  const { name, apply, adjoint } = parts;
  if (typeof name !== 'string' || name === '')
    throw new ArgumentError({ fn, argument: 'name', expected: 'a non-empty string', got: describe(name) });
  const domain = checkSpace(fn, `domain of ${name}`, parts.domain);
  const range = checkSpace(fn, `range of ${name}`, parts.range);
  checkFunction(fn, `apply of ${name}`, apply);
  checkFunction(fn, `adjoint of ${name}`, adjoint);
  const normal = parts.normal ?? ((x: Tensor) => adjoint(apply(x)));
  checkFunction(fn, `normal of ${name}`, normal);
  return {
    name,
    domain,
    range,
    apply: checked(name, 'apply', apply, domain, range),
    adjoint: checked(`${name}.adjoint`, 'adjoint', adjoint, range, domain),
    normal: checked(`${name}.normal`, 'normal', normal, domain, domain),
  };
}

/** `f` with its argument and result checked against their types. */
function checked(
  fn: string,
  part: string,
  f: (x: Tensor) => Tensor,
  from: TensorType,
  to: TensorType,
): (x: Tensor) => Tensor {
  return (x) => {
    checkType(fn, 'the argument', x, from);
    return scope(() => checkType(fn, `the result of its ${part} function`, f(x), to));
  };
}

function checkType(fn: string, argument: string, x: Tensor, type: TensorType): Tensor {
  checkTensor(fn, argument, x);
  const parts = { fn, argument, expected: formatType(type), got: formatType(x) };
  if (!sameShape(x.shape, type.shape)) throw new ShapeError(parts);
  if (x.dtype !== type.dtype)
    throw new DTypeError({ ...parts, remedy: 'Convert it with cast() or complex().' });
  return x;
}

/** A validated copy of a tensor type that can be a domain or range. */
export function checkSpace(fn: string, argument: string, type: TensorType): TensorType {
  if (type === null || typeof type !== 'object')
    throw new ArgumentError({ fn, argument, expected: 'a type { shape, dtype }', got: describe(type) });
  const shape = checkShape(fn, `shape of the ${argument}`, type.shape);
  const dtype = type.dtype as DType | undefined;
  if (dtype === undefined || !(dtype in dtypeInfo) || !isDifferentiable(dtype))
    throw new DTypeError({
      fn,
      argument: `dtype of the ${argument}`,
      expected: 'floating or complex',
      got: describe(dtype),
    });
  return { shape, dtype };
}

export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape);
