import { createDevice, type Device, defineOp, type Tensor } from '@adjoint/tensor';
import { type Draw, drawFrom, memoryOrders, place, sampleValues } from '@adjoint/tensor/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { i32 } from '../../packages/tensor/src/backend/wasm/assembler.js';
import type { WasmKernel } from '../../packages/tensor/src/op.js';
import {
  blockScratchBytes,
  loadBlock,
  storeBlock,
} from '../../packages/tensor/src/ops/elementwise/block.wasm.js';
import { broadcastStrides } from '../../packages/tensor/src/ops/elementwise/broadcast.js';
import { elementwiseStep } from '../../packages/tensor/src/ops/elementwise/lower.wasm.js';
import { contiguousStrides, type Layout, sizeOf, type TensorType } from '../../packages/tensor/src/shape.js';
import { type Formula, formulas } from './blockFormulas.js';

/** What a tensor goes through, and how many rows and columns of it at a time. */
interface Attrs {
  readonly type: TensorType;
  readonly load: Formula;
  readonly store: Formula;
  readonly rows: number;
  readonly columns: number;
}

/** Operands as they are seen along the result. */
const seen = (inputs: readonly Layout[], { shape }: TensorType): Layout[] =>
  inputs.map((x) => ({ ...x, shape, strides: broadcastStrides(x, shape) }));

/** Two kernels: the first stores `load`, the second puts `store` in its place. */
const inTwo: WasmKernel<Attrs> = ({ inputs, outputs: [y], attrs: { type, load, store } }, target) => {
  const places = seen(inputs, type).map((x, input) => ({ ...x, address: { input } }));
  const own = { ...y!, address: { output: 0 } };
  return {
    steps: [
      elementwiseStep(target, type.shape, places.slice(0, load.arity), [{ ...own, value: load.value }]),
      elementwiseStep(
        target,
        type.shape,
        [own, ...places.slice(load.arity)],
        [{ ...own, value: store.value }],
      ),
    ],
  };
};

/**
 * One kernel, seeing the tensor as a matrix: every task computes a block of it in scratch memory, finishes it
 * there and copies it out.
 */
const inBlocks: WasmKernel<Attrs> = ({ inputs, outputs, attrs }, target) => {
  const { type, rows, columns } = attrs;
  const operands = seen(inputs, type);
  const loads = [{ value: attrs.load.value, operands: operands.slice(0, attrs.load.arity) }];
  const finish = { value: attrs.store.value, operands: operands.slice(attrs.load.arity) };
  const whole: Layout = { ...type, strides: contiguousStrides(type.shape), offset: 0 };
  const call = { inputs: [whole], outputs, attrs: undefined, loads, store: finish };
  const [load, store] = [loadBlock(call, 0, 0)!, storeBlock(call, 1)!];
  const width = type.shape.at(-1) ?? 1;
  const height = sizeOf(type.shape) / width;
  const across = Math.ceil(width / columns);
  const code = target.kernel(`blocks|${[rows, columns, across]}|${load.key}|${store.key}`, (f, scope) => {
    const evaluateLoad = load.define(scope, target);
    const evaluateStore = store.define(scope, target);
    const band = f.let(i32.divU(scope.task, across));
    const top = f.let(i32.mul(band, rows));
    const left = f.let(i32.mul(i32.sub(scope.task, i32.mul(band, across)), columns));
    const pitch = f.let(scope.arg(2));
    const tall = f.let(i32.minS(f.let(i32.sub(scope.arg(1), top)), rows));
    const wide = f.let(i32.minS(f.let(i32.sub(pitch, left)), columns));
    const first = f.let(i32.add(i32.mul(top, pitch), left));
    const address = f.let(i32.add(scope.scratch, blockScratchBytes));
    const range = { first, count: wide, address, rows: tall, pitch, step: 8 * columns };
    evaluateLoad(f, scope.argAddress(3), scope.scratch, range);
    evaluateStore(f, scope.argAddress(3 + load.args.length), scope.scratch, range);
    f.for(0, tall, 1, (row) => {
      f.for(0, i32.shl(wide, 1), 1, (word) => {
        const from = i32.add(address, i32.add(i32.mul(row, 8 * columns), i32.shl(word, 2)));
        const index = i32.add(first, i32.mul(row, pitch));
        f.store('i32', i32.add(scope.arg(0), i32.add(i32.shl(index, 3), i32.shl(word, 2))), i32.load(from));
      });
    });
  });
  const tasks = Math.ceil(height / rows) * across;
  return {
    steps: [{ code, tasks, args: [{ output: 0 }, height, width, ...load.args, ...store.args] }],
    tables: [load.table, store.table],
  };
};

const opOf = (name: string, wasm: WasmKernel<Attrs>) =>
  defineOp<Attrs>({ name, strided: true, infer: (_, { type }) => [type], wasm });
const [separate, blockwise] = [opOf('separate', inTwo), opOf('blockwise', inBlocks)];

let device: Device;
beforeAll(async () => {
  device = await createDevice({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const cut = (draw: Draw, n: number): number => draw.int(1, Math.max(1, n));

test('blocks of any size, in and out of place, have the bits of whole kernels', async () => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => {
      const draw = drawFrom((min, max) => gen(fc.integer, { min, max }));
      const [load, store] = [draw.pick(formulas(0)), draw.pick(formulas(1))];
      const shape = draw.shape({ maxRank: 4, maxSize: 9, empty: false });
      const inputs: Tensor[] = [...load.dtypes, ...store.dtypes].map((dtype) => {
        const part = shape.slice(draw.int(0, shape.length)).map((n) => (draw.int(0, 3) === 0 ? 1 : n));
        const value = sampleValues({ shape: part }, dtype, draw.int(0, 2 ** 30));
        return place(value, dtype, device, draw.pick(memoryOrders));
      });
      const width = shape.at(-1) ?? 1;
      const [rows, columns] = [cut(draw, sizeOf(shape) / width), cut(draw, width)];
      const attrs: Attrs = { type: { shape, dtype: 'c64' }, load, store, rows, columns };
      const [expected] = device.execute(separate, inputs, [attrs.type], attrs);
      const [got] = device.execute(blockwise, inputs, [attrs.type], attrs);
      expect(await got!.data(), `${load.name}, ${store.name}`).toEqual(await expected!.data());
    }),
    { numRuns: 150, seed: Number(process.env.ADJOINT_SEED ?? 5) },
  );
});
