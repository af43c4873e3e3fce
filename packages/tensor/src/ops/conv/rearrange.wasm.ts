import { f32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { Shape } from '../../shape.js';

/** Floats one task rearranges. */
const taskFloats = 32768;
type L = Local<'i32'>;

/**
 * Weights [group, co][ci][tap] at `source` → [group][ci][co][chosen tap]: as a convolution from g to x reads
 * them. `table` holds the `taps` chosen.
 */
export function rearrangeStep(
  target: WasmTarget,
  w: Shape,
  groups: number,
  taps: number,
  source: WasmArg,
  table: WasmArg,
  result: WasmArg,
): WasmStep {
  const [outer, lines] = [w[0]! / groups, groups * w[1]!];
  const perTask = Math.max(1, Math.floor(taskFloats / (outer * taps)));
  const words = [lines, perTask, w[1]!, outer, taps, w[2]! * w[3]!];
  const args = [source, table, result, ...words];
  return { code: rearrangeKernel(target), tasks: Math.ceil(lines / perTask), args };
}

const rearrangeKernel = (target: WasmTarget) =>
  target.kernel('conv/rearrange', (f, { task, arg }) => {
    const [, list, , lineCount, perTask, inner, outer, tapCount, kernelSize] = Array.from(
      { length: 9 },
      (_, i) => f.let(arg(i)),
    ) as [L, L, L, L, L, L, L, L, L];
    const line = f.let(i32.mul(task, perTask));
    const last = f.let(i32.minS(lineCount, i32.add(line, perTask)));
    const to = f.let(i32.add(arg(2), i32.shl(i32.mul(line, i32.mul(outer, tapCount)), 2)));
    const listEnd = f.let(i32.add(list, i32.shl(tapCount, 2)));
    f.while(
      () => i32.ltS(line, last),
      () => {
        f.for(0, outer, 1, (co) => {
          const channel = i32.add(i32.mul(i32.divU(line, inner), outer), co);
          const place = i32.add(i32.mul(channel, inner), i32.remU(line, inner));
          const from = f.let(i32.add(arg(0), i32.shl(i32.mul(place, kernelSize), 2)));
          const tap = f.let(list);
          f.while(
            () => i32.ltU(tap, listEnd),
            () => {
              f.store('f32', to, f32.load(i32.add(from, i32.shl(i32.load(tap), 2))));
              tap.increase(4);
              to.increase(4);
            },
          );
        });
        line.increase(1);
      },
    );
  });
