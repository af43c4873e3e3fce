import { grad } from '@adjoint/autograd';
import { cgSense, l1, type Reconstructor, totalVariation } from '@adjoint/mri';
import { implicitReconstruction } from '@adjoint/robustness';
import {
  abs2,
  complexNormal,
  type Device,
  div,
  init,
  key,
  norm,
  read,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackScene, attackScene, length } from './scene.js';

let device: Device;
let at: AttackScene;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  at = await attackScene({ acceleration: 2 });
});
afterAll(() => device.dispose());

describe.each<[string, (iterations: number) => Reconstructor]>([
  ['cg-sense', (iterations) => cgSense({ lambda: 0.05, iterations, output: 'complex' })],
  ['l1', (iterations) => l1({ lambda: 0.02, iterations, cycleSpinning: false, output: 'complex' })],
])('%s by its fixed-point equation', (_, make) => {
  test('the image is that of the solver, run to its end', async () => {
    const method = make(300);
    const image = implicitReconstruction(method.problem, at.m, { iterations: 300 })(at.m.kspace);
    const solved = await method.reconstruct(at.m);
    expect(await length(sub(image, solved))).toBeLessThan(5e-3 * (await length(solved)));
  });

  test('the gradient is that through many iterations, and not that through few steps of its own', async () => {
    const method = make(300);
    const z = complexNormal(key(1), [32, 32]);
    const loss = (f: (y: Tensor) => Tensor) => (y: Tensor) => sum(abs2(sub(f(y), z)));
    const through = grad(loss((y) => method.differentiable!(y, at.m)))(at.m.kspace);
    const by = (adjointIterations: number): Tensor =>
      grad(loss(implicitReconstruction(method.problem, at.m, { iterations: 300, adjointIterations })))(
        at.m.kspace,
      );
    const distance = async (g: Tensor): Promise<number> =>
      (await read(div(norm(sub(g, through)), norm(through))))[0]!;
    expect(await distance(by(300))).toBeLessThan(0.02);
    expect(await distance(by(2))).toBeGreaterThan(0.05);
  });
});

test('methods without such an equation are named', () => {
  const { problem } = totalVariation();
  expect(() => implicitReconstruction(problem, at.m)).toThrow(
    /option method 'implicit' must be for methods with a fixed-point/,
  );
});
