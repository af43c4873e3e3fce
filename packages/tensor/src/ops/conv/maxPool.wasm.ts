import { type FunctionBuilder, f32, i32, type Local, select } from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { MaxPoolAttrs } from './maxPool.js';

const argumentNames = [
  ...['x', 'y', 'places', 'rowCount', 'rowsPerTask', 'height', 'width', 'rows', 'columns'],
  ...['kernelHeight', 'kernelWidth', 'strideY', 'strideX', 'top', 'left'],
] as const;
type L = Local<'i32'>;
type Words = Record<(typeof argumentNames)[number], L>;

/** Pixels looked at in one task, about 0.1 ms. */
const taskPixels = 65536;

/** Tasks are runs of result rows. */
export function maxPoolWasm(
  { inputs, outputs, attrs }: KernelCall<MaxPoolAttrs>,
  target: WasmTarget,
): WasmPlan {
  const { kernel, stride, padding } = attrs;
  const { shape } = outputs[0]!;
  const [height, width] = inputs[0]!.shape.slice(-2) as [number, number];
  const [rows, columns] = shape.slice(-2) as [number, number];
  const rowCount = sizeOf(shape.slice(0, -1));
  const rowsPerTask = Math.max(1, Math.floor(taskPixels / (columns * kernel[0] * kernel[1])));
  const code = target.kernel('maxPool', (f, { task, arg }) => {
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(arg(i))])) as Words;
    const first = f.let(i32.mul(task, word.rowsPerTask));
    const last = i32.minS(word.rowCount, i32.add(first, word.rowsPerTask));
    const result = f.let(i32.shl(i32.mul(first, word.columns), 2));
    f.for(first, f.let(last), 1, (row) => emitRow(f, word, row, result));
  });
  const words = [
    rowCount,
    rowsPerTask,
    height,
    width,
    rows,
    columns,
    ...kernel,
    ...stride,
    padding[0][0],
    padding[1][0],
  ];
  return {
    steps: [
      {
        code,
        tasks: Math.ceil(rowCount / rowsPerTask),
        args: [{ input: 0 }, { output: 0 }, { output: 1 }, ...words],
      },
    ],
  };
}

/** One row of results; `result` is the byte offset of the next one. */
function emitRow(f: FunctionBuilder, word: Words, row: L, result: L): void {
  const clip = (start: L, size: L, limit: L) => {
    const end = f.let(i32.minS(limit, i32.add(start, size)));
    f.if(i32.ltS(start, 0), () => start.set(0));
    return end;
  };
  const plane = i32.mul(i32.divU(row, word.rows), i32.mul(word.height, word.width));
  const image = f.let(i32.add(word.x, i32.shl(plane, 2)));
  const firstY = f.let(i32.sub(i32.mul(i32.remU(row, word.rows), word.strideY), word.top));
  const lastY = clip(firstY, word.kernelHeight, word.height);
  f.for(0, word.columns, 1, (column) => {
    const firstX = f.let(i32.sub(i32.mul(column, word.strideX), word.left));
    const lastX = clip(firstX, word.kernelWidth, word.width);
    const best = f.let(i32.add(i32.mul(firstY, word.width), firstX));
    const most = f.let(i32.load(i32.add(image, i32.shl(best, 2))));
    f.for(firstY, lastY, 1, (y) => {
      const line = f.let(i32.mul(y, word.width));
      const end = f.let(i32.add(line, lastX));
      f.for(i32.add(line, firstX), end, 1, (at) => {
        // Which pixel is largest cannot be predicted: selected by bits, which takes no branch.
        const bits = f.let(i32.load(i32.add(image, i32.shl(at, 2))));
        const value = f.let(f32.reinterpretI32(bits));
        const isLarger = f32.gt(value, f32.reinterpretI32(most));
        const isNext = f.let(i32.or(isLarger, f32.ne(value, value)));
        most.set(select(isNext, bits, most));
        best.set(select(isNext, at, best));
      });
    });
    f.store('i32', i32.add(word.y, result), most);
    f.store('i32', i32.add(word.places, result), best);
    result.increase(4);
  });
}
