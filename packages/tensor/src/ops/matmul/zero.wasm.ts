import { f32x4, i32 } from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';

/** Bytes one task fills. */
const taskBytes = 1 << 20;

/** Fills the only output, `bytes` long, with zeros: a sum over nothing. */
export function zeroPlan(target: WasmTarget, bytes: number): WasmPlan {
  const code = target.kernel('zero', (f, { task, arg }) => {
    const first = f.let(i32.mul(task, taskBytes));
    const address = f.let(i32.add(arg(0), first));
    const end = f.let(i32.add(address, i32.minS(taskBytes, i32.sub(arg(1), first))));
    const zero = f.let(f32x4.const(0));
    f.while(
      () => i32.leU(i32.add(address, 16), end),
      () => {
        f.store('v128', address, zero);
        address.increase(16);
      },
    );
    f.while(
      () => i32.ltU(address, end),
      () => {
        f.store('i32', address, i32.const(0));
        address.increase(4);
      },
    );
  });
  return { steps: [{ code, tasks: Math.ceil(bytes / taskBytes), args: [{ output: 0 }, bytes] }] };
}
