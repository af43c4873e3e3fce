import {
  ArgumentError,
  checkTensor,
  DTypeError,
  describe,
  formatShape,
  isComplex,
  read,
  ShapeError,
  sizeOf,
  Tensor,
} from '@adjoint/tensor';

/** Numbers in host memory with their shape, row-major. */
export interface ImageArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

type Nested = readonly (number | Nested)[];

/** Real images [..., H, W]: a tensor, host numbers with a shape, or nested arrays. */
export type Images = Tensor | ImageArray | Nested;

/** Reference and reconstruction in double precision, `count` images each. */
export interface ImagePair {
  /** [..., H, W] */
  readonly shape: readonly number[];
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly reference: Float64Array;
  readonly image: Float64Array;
}

/** Image number k of a stack of the pair's size. */
export const imageOf = <T extends Float64Array | Uint8Array>(
  { height, width }: ImagePair,
  stack: T,
  k: number,
): T => stack.subarray(k * height * width, (k + 1) * height * width) as T;

/**
 * Both operands of a metric.
 *
 * @throws ShapeError unless they have one shape [..., H, W] without empty axes, DTypeError if one is complex
 */
export async function readPair(fn: string, reference: Images, image: Images): Promise<ImagePair> {
  const [expected, got] = await Promise.all([
    readImages(fn, 'the reference', reference),
    readImages(fn, 'the image', image),
  ]);
  if (expected.shape.join() !== got.shape.join())
    throw new ShapeError({
      fn,
      argument: 'the image',
      expected: `of the reference's shape ${formatShape(expected.shape)}`,
      got: formatShape(got.shape),
      remedy: 'Crop both to one size.',
    });
  const { shape } = expected;
  const [height, width] = [shape.at(-2), shape.at(-1)];
  if (!height || !width || expected.data.length === 0)
    throw new ShapeError({
      fn,
      argument: 'the reference',
      expected: '[..., H, W], at least one image of at least one pixel',
      got: formatShape(shape),
    });
  const count = expected.data.length / (height * width);
  return { shape, count, height, width, reference: expected.data, image: got.data };
}

/** Real numbers of any of the accepted kinds. */
export async function readImages(
  fn: string,
  argument: string,
  images: Images,
): Promise<{ shape: readonly number[]; data: Float64Array }> {
  if (images instanceof Tensor) {
    checkTensor(fn, argument, images);
    if (isComplex(images.dtype))
      throw new DTypeError({
        fn,
        argument,
        expected: 'real',
        got: images.dtype,
        remedy: 'Take abs() of complex images.',
      });
    return { shape: images.shape, data: Float64Array.from(await read(images)) };
  }
  const { shape, data } = Array.isArray(images) ? flatten(fn, argument, images) : given(images);
  if (!isShape(shape) || data?.length !== sizeOf(shape))
    throw new ArgumentError({
      fn,
      argument,
      expected: 'a tensor, { shape, data } of as many numbers, or nested arrays of numbers',
      got: images === Object(images) ? `shape ${describe(shape)}, ${data?.length} numbers` : describe(images),
    });
  return { shape, data: Float64Array.from(data) };
}

/** What an object that is no tensor holds, if it is an object at all. */
const given = (images: unknown): Partial<ImageArray> =>
  images === Object(images) ? (images as ImageArray) : {};

const isShape = (shape: unknown): shape is readonly number[] =>
  Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);

/** Nested arrays as a row-major list; the first elements say the shape. */
function flatten(fn: string, argument: string, rows: Nested): ImageArray {
  const shape: number[] = [];
  for (let level: unknown = rows; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data: number[] = [];
  const append = (level: unknown, depth: number) => {
    const fits =
      depth === shape.length
        ? typeof level === 'number'
        : Array.isArray(level) && level.length === shape[depth];
    if (!fits)
      throw new ArgumentError({
        fn,
        argument,
        expected: `nested arrays of numbers of one shape (the first elements say ${formatShape(shape)})`,
        got: `${describe(level)} in them`,
      });
    if (Array.isArray(level)) for (const item of level) append(item, depth + 1);
    else data.push(level as number);
  };
  append(rows, 0);
  return { shape, data };
}
