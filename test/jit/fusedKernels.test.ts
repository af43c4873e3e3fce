import { createDevice, type Device, type DType, type Op, type Tensor } from '@adjoint/tensor';
import { type Draw, drawFrom, memoryOrders, place, sampleValues } from '@adjoint/tensor/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conv2dInputGradOp, conv2dOp } from '../../packages/tensor/src/ops/conv/convolution.js';
import { matmulOp } from '../../packages/tensor/src/ops/matmul/matmul.js';
import { argmaxOp } from '../../packages/tensor/src/ops/reduce/argExtremum.js';
import { maxOp, minOp } from '../../packages/tensor/src/ops/reduce/extremum.js';
import { momentsOp } from '../../packages/tensor/src/ops/reduce/moments.js';
import { normOp } from '../../packages/tensor/src/ops/reduce/norm.js';
import { sumOp } from '../../packages/tensor/src/ops/reduce/sum.js';
import { sizeOf, type TensorType } from '../../packages/tensor/src/shape.js';
import { type Formula, type Fusion, fused, loadFormulas, separate, storeFormulas } from './fusedKernels.js';

let device: Device;
beforeAll(async () => {
  device = await createDevice({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

/** An operand that broadcasts to a shape: some axes missing or of size 1, any order in memory. */
function operand(draw: Draw, dtype: DType, shape: readonly number[]): Tensor {
  const missing = draw.int(0, 3) === 0 ? draw.int(0, shape.length) : 0;
  // drawing millions of values takes long
  const longest = sizeOf(shape) > 2 ** 20 ? 64 : Number.POSITIVE_INFINITY;
  const part = shape.slice(missing).map((n) => (draw.int(0, 4) === 0 || n > longest ? 1 : n));
  const value = sampleValues({ shape: part }, dtype, draw.int(0, 2 ** 30));
  return place(value, dtype, device, draw.pick(memoryOrders));
}

const whole = (draw: Draw, { shape, dtype }: TensorType): Tensor =>
  place(sampleValues({ shape }, dtype, draw.int(0, 2 ** 30)), dtype, device, 'contiguous');

const operandsOf = (draw: Draw, { dtypes }: Formula, { shape }: TensorType): Tensor[] =>
  dtypes.map((dtype) => operand(draw, dtype, shape));

/** Draws formulas for what the op fuses, all of it if `isFull`, and compares their results with those of separate kernels. */
async function check(
  draw: Draw,
  op: Op,
  attrs: object,
  types: readonly TensorType[],
  isFull = false,
): Promise<void> {
  const [y] = op.infer(types, attrs) as [TensorType];
  const { loads, store } = op.fuses!(types, attrs);
  const fusion: Fusion = {
    ...{ op, attrs, types },
    loads: types.map(({ dtype }, k) =>
      loads.includes(k) && (isFull || draw.int(0, 3) > 0) ? draw.pick(loadFormulas[dtype]!) : undefined,
    ),
    ...(store && (isFull || draw.int(0, 3) > 0) ? { store: draw.pick(storeFormulas[y.dtype]!) } : {}),
  };
  const inputs = types.map((type, k) => {
    const load = fusion.loads[k];
    return load ? operandsOf(draw, load, type) : [whole(draw, type)];
  });
  const others = fusion.store ? operandsOf(draw, fusion.store, y).slice(1) : [];
  const expected = separate(device, fusion, inputs, others);
  const got = fused(device, fusion, inputs, others);
  const text = `${op.name} ${JSON.stringify([types, attrs, fusion.loads.map((load) => load?.dtypes), store])}`;
  for (const [i, tensor] of got.entries()) {
    const [a, b] = [await tensor.data(), await expected[i]!.data()];
    const wrong = a.findIndex((value, k) => !Object.is(value, b[k]));
    if (wrong >= 0) expect.fail(`${text}: element ${wrong} is ${a[wrong]}, not ${b[wrong]}`);
  }
  for (const tensor of [...inputs.flat(), ...others, ...expected, ...got]) tensor.dispose();
}

const runs = Number(process.env.ADJOINT_RUNS ?? 25);
const repeat = (body: (draw: Draw) => Promise<void>, numRuns = runs): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.gen(), (gen) => body(drawFrom((min, max) => gen(fc.integer, { min, max })))),
    { numRuns, seed: Number(process.env.ADJOINT_SEED ?? 7) },
  );

describe('reductions', () => {
  /** Of several segments or chunks of columns, a ragged last one among them. */
  const large: readonly [shape: number[], axis: number][] = [
    [[150_001], 0],
    [[3, 70_003], 1],
    [[40_000, 5], 0],
    [[2, 3000, 70], 1],
    [[9, 41, 300], 0],
    [[40, 5003], 0],
  ];
  const rows: [Op, DType[]][] = [
    [sumOp, ['f32', 'c64', 'i32', 'bool']],
    [normOp, ['f32', 'c64']],
    [momentsOp, ['f32']],
    [maxOp, ['f32', 'i32', 'bool']],
    [minOp, ['f32']],
    [argmaxOp, ['f32', 'i32']],
  ];
  for (const [op, dtypes] of rows)
    test(`${op.name} of what it computes itself`, () =>
      repeat(async (draw) => {
        const dtype = draw.pick(dtypes);
        if (draw.int(0, 3) === 0) {
          const [shape, axis] = draw.pick(large);
          await check(draw, op, { axis, count: 1 }, [{ shape, dtype }]);
          return;
        }
        const shape = draw.shape({ maxRank: 4, maxSize: 30, empty: false });
        const axis = draw.int(0, shape.length);
        const count = draw.int(0, shape.length - axis);
        await check(draw, op, { axis, count }, [{ shape, dtype }]);
      }));
});

describe('convolutions', () => {
  interface Drawn {
    readonly batch: number;
    readonly channels: [number, number];
    readonly kernel: [number, number];
    readonly image: [number, number];
    readonly attrs: object;
  }
  const pair = (draw: Draw, min: number, max: number): [number, number] => [
    draw.int(min, max),
    draw.int(min, max),
  ];

  /** Narrow ones, rows that loads fuse, and several tasks of whole and of broken rows of tiles. */
  const images: readonly ((draw: Draw) => [number, number])[] = [
    (draw) => [draw.int(8, 24), draw.int(8, 40)],
    (draw) => [draw.int(8, 20), draw.int(64, 110)],
    () => [30, 104],
    () => [70, 150],
  ];

  function drawConvolution(draw: Draw): Drawn {
    const groups = draw.int(0, 3) === 0 ? 2 : 1;
    const isPlain = draw.int(0, 1) === 0;
    const kernel: [number, number] = isPlain
      ? draw.pick([
          [3, 3],
          [1, 1],
        ])
      : pair(draw, 1, 4);
    const stride = isPlain ? [1, 1] : pair(draw, 1, 3);
    const dilation = isPlain ? [1, 1] : pair(draw, 1, 2);
    const isPadded = draw.int(0, 2) > 0;
    const padding = [pair(draw, 0, isPadded ? 2 : 0), pair(draw, 0, isPadded ? 2 : 0)];
    const algorithm =
      isPlain && groups === 1 && kernel[0] === 3 ? draw.pick(['winograd', 'direct']) : 'direct';
    return {
      batch: draw.int(1, 3),
      channels: draw.pick([
        [4, 6],
        [2, 2],
        [18, 4],
        [18, 40],
      ]) as [number, number],
      kernel,
      image: draw.pick(images)(draw),
      attrs: { stride, dilation, padding, groups, algorithm },
    };
  }
  const typed = (...shapes: number[][]): TensorType[] => shapes.map((shape) => ({ shape, dtype: 'f32' }));

  test('forward', () =>
    repeat(async (draw) => {
      const { batch, channels, kernel, image, attrs } = drawConvolution(draw);
      const { groups } = attrs as { groups: number };
      const [ci, co] = channels;
      await check(draw, conv2dOp, attrs, typed([batch, ci, ...image], [co, ci / groups, ...kernel]));
    }));

  /** Padded, an image is so large that the next one has to wait. */
  const inParts = {
    winograd: { shape: [2, 4, 64, 64], stride: [1, 1], borders: [800, 649] },
    direct: { shape: [2, 1, 64, 64], stride: [64, 1], borders: [2000, 2000] },
  };
  for (const [algorithm, { shape, stride, borders }] of Object.entries(inParts))
    test(`${algorithm}, image by image`, () =>
      repeat(async (draw) => {
        const padding = borders.map((border) => [border, border]);
        const attrs = { algorithm, stride, padding, dilation: [1, 1], groups: 1 };
        await check(draw, conv2dOp, attrs, typed(shape, [4, shape[1]!, 3, 3]), true);
      }, 2));

  test('adjoint in the image', () =>
    repeat(async (draw) => {
      const { batch, channels, kernel, image, attrs } = drawConvolution(draw);
      const { groups } = attrs as { groups: number };
      const [ci, co] = channels;
      const [g] = conv2dOp.infer(typed([batch, ci, ...image], [co, ci / groups, ...kernel]), attrs as never);
      const types = [g!, ...typed([co, ci / groups, ...kernel])];
      await check(draw, conv2dInputGradOp, { ...attrs, image }, types);
    }));
});

describe('matrix products', () => {
  test('of any size, order and batch', () =>
    repeat(async (draw) => {
      const dtype = draw.pick<DType>(['f32', 'c64']);
      const size = () => (draw.int(0, 4) === 0 ? draw.int(60, 300) : draw.int(1, 40));
      const [m, n, k] = [size(), size(), draw.int(0, 9) === 0 ? 700 : size()];
      const [transposeA, transposeB] = [draw.int(0, 1) === 1, draw.int(0, 1) === 1];
      const complex = dtype === 'c64';
      const [conjA, conjB] = [complex && draw.int(0, 1) === 1, complex && draw.int(0, 1) === 1];
      const a = transposeA ? [k, m] : [m, k];
      const b = transposeB ? [n, k] : [k, n];
      const batches = draw.pick([
        [[], []],
        [[3], [3]],
        [[2, 1], [3]],
        [[], [2]],
        [[4], []],
      ]);
      const types = [a, b].map((shape, i) => ({ shape: [...batches[i]!, ...shape], dtype }));
      await check(draw, matmulOp, { transposeA, transposeB, conjA, conjB }, types);
    }));
});
