import { f32, f32x4, i32, type Local, type V128, v128 } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { weightTransform } from './winogradTransforms.wasm.js';

/** Weight pairs (result channel, summed channel) of one task. */
const taskPairs = 2048;
type L = Local<'i32'>;

/**
 * U[ξ][m][c] = (G w[m, c] Gᵀ)[ξ], ξ = 6i + j, for `results` channels m and `summed` ≥ 4 channels c.
 * `rotated`: w is stored [c, m] and turned by 180°, as the input gradient needs it.
 */
export function weightsStep(
  target: WasmTarget,
  results: number,
  summed: number,
  rotated: boolean,
  weights: WasmArg,
  result: WasmArg,
): WasmStep {
  const perTask = Math.max(1, Math.floor(taskPairs / summed));
  const args = [weights, result, results, summed, perTask];
  return { code: weightsKernel(target, rotated), tasks: Math.ceil(results / perTask), args };
}

const weightsKernel = (target: WasmTarget, rotated: boolean) =>
  target.kernel(`conv/winogradWeights/${rotated}`, (f, { task, arg, scratch }) => {
    const [w, u, results, summed, perTask] = [0, 1, 2, 3, 4].map((i) => f.let(arg(i))) as [L, L, L, L, L];
    const first = f.let(i32.mul(task, perTask));
    const last = f.let(i32.minS(results, i32.add(first, perTask)));
    const plane = f.let(i32.shl(i32.mul(results, summed), 2));
    const laneStep = rotated ? f.let(i32.mul(results, 36)) : i32.const(36);
    f.for(first, last, 1, (m) =>
      f.for(0, summed, 4, (column) => {
        // the last four overlap the ones before them
        const c = f.let(i32.minS(column, i32.sub(summed, 4)));
        const index = rotated ? i32.add(i32.mul(c, results), m) : i32.add(i32.mul(m, summed), c);
        const lanes: L[] = [f.let(i32.add(w, i32.mul(index, 36)))];
        for (let lane = 1; lane < 4; lane++) lanes.push(f.let(i32.add(lanes[lane - 1]!, laneStep)));
        const tap = (i: number, j: number): V128 => {
          const offset = 4 * (rotated ? 8 - (3 * i + j) : 3 * i + j);
          return lanes
            .slice(1)
            .reduce<V128>(
              (vector, address, lane) => f32x4.replace(vector, lane + 1, f32.load(address, offset)),
              f32x4.splat(f32.load(lanes[0]!, offset)),
            );
        };
        for (let j = 0; j < 3; j++)
          weightTransform(f, [tap(0, j), tap(1, j), tap(2, j)]).forEach((value, i) => {
            f.store('v128', scratch, value, 16 * (3 * i + j));
          });
        const to = f.let(i32.add(u, i32.shl(i32.add(i32.mul(m, summed), c), 2)));
        for (let i = 0; i < 6; i++)
          weightTransform(
            f,
            [0, 1, 2].map((j) => v128.load(scratch, 16 * (3 * i + j))),
          ).forEach((value) => {
            f.store('v128', to, value);
            to.set(i32.add(to, plane));
          });
      }),
    );
  });
