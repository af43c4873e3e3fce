/**
 * The derivative of an iterative solver without differentiating its iterations.
 *
 * x(b, λ) solves (AᴴA + λ) x = b. For a cotangent x̄, one more solve with the same matrix gives u, and then
 * b̄ = u and λ̄ = −Re⟨u, x⟩.
 */
import { customOp, grad } from '@adjoint/autograd';
import {
  abs2,
  add,
  complexNormal,
  conj,
  init,
  key,
  matmul,
  mul,
  real,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '@adjoint/tensor';
import { isMain } from './isMain.js';

/** Gradient descent with a fixed number of steps: good enough for a well-conditioned matrix. */
function iterate(applyMatrix: (x: Tensor) => Tensor, b: Tensor, stepSize: number): Tensor {
  let x = mul(b, stepSize);
  for (let k = 0; k < 150; k++) x = sub(x, mul(sub(applyMatrix(x), b), stepSize));
  return x;
}

export async function main(): Promise<{ implicit: number; differences: number }> {
  await init();
  const A = mul(complexNormal(key(1), [12, 8]), 0.3);
  const matrix = (lambda: Tensor) => (x: Tensor) =>
    add(matmul(conj(transpose(A)), matmul(A, x)), mul(lambda, x));
  const solve = customOp({
    name: 'tikhonovSolve',
    forward: (b: Tensor, lambda: Tensor): Tensor => iterate(matrix(lambda), b, 0.25),
    pullback: (xBar, { args: [, lambda], output }) => {
      const u: Tensor = solve(xBar, lambda);
      return [u, sum(real(mul(conj(u), output))).neg()];
    },
  });

  const b = complexNormal(key(2), [8, 1]);
  const loss = (lambda: Tensor) => sum(abs2(solve(b, lambda)));
  const lambda = tensor(0.7);
  const implicit = (await grad(loss)(lambda).item()) as number;
  const h = 0.01;
  const values = await Promise.all(
    [1, -1].map(async (sign) => (await scope(() => loss(add(lambda, sign * h))).item()) as number),
  );
  return { implicit, differences: (values[0]! - values[1]!) / (2 * h) };
}

if (isMain(import.meta.url)) console.log(await main());
