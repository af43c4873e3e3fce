import { grad } from '@adjoint/autograd';
import {
  abs2,
  createDevice,
  type Device,
  read,
  setConvAlgorithm,
  sum,
  type Tensor,
  type TypedArray,
  withDevice,
} from '@adjoint/tensor';
import {
  checkValue,
  type Draw,
  drawSample,
  type FunctionRow,
  families,
  placeInputs,
  seededDraw,
} from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorNorms } from './errorNorms.js';

// The op table with Winograd's algorithm wherever it fits: the table's own samples are hardly ever of 3 x 3 kernels, and
// too small for the algorithm to be chosen by itself.

/** As docs/accuracy.md states them: the transforms cost about a digit. */
const valueTolerance = 2e-5;
const gradientTolerance = 2e-5;
const draws = 6;

let wasm: Device;
let reference: Device;
beforeAll(async () => {
  wasm = await createDevice({ device: 'wasm', threads: 2 });
  reference = await createDevice({ device: 'reference' });
  setConvAlgorithm('winograd');
});
afterAll(() => {
  setConvAlgorithm('auto');
  wasm.dispose();
  reference.dispose();
});

type Pair = [number, number];
const pair = (draw: Draw, max: number): Pair => [draw.int(0, max), draw.int(0, max)];
const plain = { stride: [1, 1], dilation: [1, 1], groups: 1 };

/** Few or many channels, and sizes that are no multiples of a tile. */
function drawShapes(draw: Draw) {
  const channels = () => draw.pick([1, 3, 8, 16, 17, 19, 26]);
  return {
    batch: draw.int(1, 3),
    from: channels(),
    to: channels(),
    size: [draw.int(3, 15), draw.int(3, 15)],
  };
}

const samples: Record<string, FunctionRow['sample']> = {
  conv2d: (draw) => {
    const { batch, from, to, size } = drawShapes(draw);
    const inputs = [{ shape: [batch, from, ...size] }, { shape: [to, from, 3, 3] }, { shape: [to] }];
    return { inputs, params: { ...plain, padding: [pair(draw, 4), pair(draw, 4)] } };
  },
  convTranspose2d: (draw) => {
    const { batch, from, to, size } = drawShapes(draw);
    const inputs = [{ shape: [batch, from, ...size] }, { shape: [from, to, 3, 3] }, { shape: [to] }];
    return { inputs, params: { ...plain, padding: [pair(draw, 2), pair(draw, 2)], outputPadding: [0, 0] } };
  },
};

const rows = families
  .flatMap(({ functions }) => functions)
  .filter(({ name }) => name in samples)
  .map((row): FunctionRow => ({ ...row, sample: samples[row.name]!, tolerance: valueTolerance }));

/** Gradients of Σ|y|² with respect to image, weights and bias. */
async function gradients(row: FunctionRow, seed: number, device: Device): Promise<TypedArray[]> {
  const sample = drawSample(row, ['f32', 'f32', 'f32'], seededDraw(seed));
  const inputs = placeInputs(sample, device, device === reference);
  const loss = (...args: Tensor[]) => sum(abs2(row.call(args, sample.params) as Tensor));
  const made = withDevice(device, () => grad(loss, { argnums: [0, 1, 2] })(...inputs) as Tensor[]);
  return Promise.all(made.map(read));
}

describe('with winograd forced', () => {
  test.each(rows.flatMap((row) => row.dtypes.map((dtypes) => [row.name, dtypes, row] as const)))(
    '%s of %j equals f64',
    async (_, dtypes, row) => {
      for (let seed = 0; seed < draws; seed++)
        await checkValue(row, dtypes, seededDraw(seed), wasm, reference);
    },
  );

  test.each(rows.map((row) => [row.name, row] as const))('gradients of %s equal f64', async (_, row) => {
    for (let seed = 0; seed < draws; seed++) {
      const expected = await gradients(row, seed, reference);
      for (const [k, got] of (await gradients(row, seed, wasm)).entries())
        expect(errorNorms(got, expected[k]!).max, `seed ${seed}, argument ${k}`).toBeLessThan(
          gradientTolerance,
        );
    }
  });

  test('the transforms did run: their errors are not those of sums of products', async () => {
    const row = rows.find(({ name }) => name === 'conv2d')!;
    const errors = async (seed: number) => {
      const expected = await gradients(row, seed, reference);
      return (await gradients(row, seed, wasm)).map((got, k) => errorNorms(got, expected[k]!).l2);
    };
    const largest = async () => Math.max(...(await errors(1)), ...(await errors(2)));
    const forced = await largest();
    setConvAlgorithm('direct');
    const direct = await largest();
    setConvAlgorithm('winograd');
    expect(forced).toBeGreaterThan(2 * direct);
  });
});
