import { f32, f32x4, i32, v128 } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';

/** Sums one task adds up. */
const taskSums = 16384;

/** result[i] = Σ_s parts[s][i], s ascending; `size` floats per part. */
export function sumPartsStep(
  target: WasmTarget,
  count: number,
  size: number,
  parts: WasmArg,
  result: WasmArg,
): WasmStep {
  const args = [parts, result, count, size];
  return { code: sumPartsKernel(target), tasks: Math.ceil(size / taskSums), args };
}

const sumPartsKernel = (target: WasmTarget) =>
  target.kernel('conv/sumParts', (f, { task, arg }) => {
    const count = f.let(arg(2));
    const size = f.let(arg(3));
    const first = f.let(i32.mul(task, taskSums));
    const to = f.let(i32.add(arg(1), i32.shl(first, 2)));
    const from = f.let(i32.add(arg(0), i32.shl(first, 2)));
    const end = f.let(i32.add(to, i32.shl(i32.minS(taskSums, i32.sub(size, first)), 2)));
    const stride = f.let(i32.shl(size, 2));
    const each = (body: (part: typeof from) => void): void => {
      const part = f.let(from);
      f.for(0, count, 1, () => {
        body(part);
        part.increase(stride);
      });
    };
    f.while(
      () => i32.leU(i32.add(to, 16), end),
      () => {
        const sum = f.let(f32x4.const(0));
        each((part) => sum.set(f32x4.add(sum, v128.load(part))));
        f.store('v128', to, sum);
        to.increase(16);
        from.increase(16);
      },
    );
    f.while(
      () => i32.ltU(to, end),
      () => {
        const sum = f.let(f32.const(0));
        each((part) => sum.set(f32.add(sum, f32.load(part))));
        f.store('f32', to, sum);
        to.increase(4);
        from.increase(4);
      },
    );
  });
