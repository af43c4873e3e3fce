import { adam, type OptimiserState, valueAndGrad } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  centredFft,
  centredIfft,
  complexNormal,
  conj,
  conv2d,
  instanceNorm,
  jit,
  type Key,
  key,
  leakyRelu,
  mean,
  mul,
  normal,
  relu,
  splitKey,
  sub,
  sum,
  type Tensor,
  unitPhase,
  zeros,
} from '@adjoint/tensor';

/** Programs of the kind users run, whose results are compared between devices. They run on the current device. */

/** Ten Adam steps of a small real network, jitted; returns the losses. */
export async function trainNetwork(): Promise<number[]> {
  const [a, b, c, d] = splitKey(key(3), 4) as [Key, Key, Key, Key];
  const image = normal(a, [2, 3, 20, 24]);
  const target = normal(b, [2, 2, 20, 24]);
  let weights = { first: mul(normal(c, [16, 3, 3, 3]), 0.2), second: mul(normal(d, [2, 16, 3, 3]), 0.1) };
  const network = (w: typeof weights, x: Tensor) =>
    conv2d(leakyRelu(instanceNorm(conv2d(x, w.first, { padding: 1 })), 0.2), w.second, { padding: 1 });
  const loss = (w: typeof weights) => mean(abs2(sub(network(w, image), target)));
  const optimiser = adam({ lr: 0.01 });
  let state: OptimiserState = optimiser.init(weights);
  const step = jit((w: typeof weights, s: OptimiserState) => {
    const { value, gradient } = valueAndGrad(loss)(w);
    return { value, ...optimiser.update(w, gradient, s) };
  });
  const losses: number[] = [];
  for (let k = 0; k < 10; k++) {
    const next = step(weights, state);
    losses.push((await next.value.item()) as number);
    ({ params: weights, state } = next);
  }
  return losses;
}

/** Fifteen FISTA steps of a multi-coil reconstruction with odd sizes, jitted; returns the image. */
export async function reconstruct(): Promise<Float32Array> {
  const [a, b] = splitKey(key(4), 2) as [Key, Key];
  const [coils, height, width] = [3, 45, 37];
  const maps = mul(complexNormal(a, [coils, height, width]), 0.5);
  const truth = complexNormal(b, [height, width]);
  const mask = relu(sub(normal(key(5), [width]), -0.3));
  const forward = (x: Tensor) => mul(mask, centredFft(mul(maps, x)));
  const adjoint = (y: Tensor) => sum(mul(conj(maps), centredIfft(mul(mask, y))), { axes: 0 });
  const data = forward(truth);
  const shrink = (z: Tensor) => mul(relu(sub(abs(z), 0.02)), unitPhase(z));
  const step = jit((x: Tensor, z: Tensor, momentum: Tensor) => {
    const next = shrink(sub(z, mul(adjoint(sub(forward(z), data)), 0.1)));
    return { x: next, z: add(next, mul(sub(next, x), momentum)) };
  });
  let state = { x: zeros([height, width], { dtype: 'c64' }), z: zeros([height, width], { dtype: 'c64' }) };
  for (let k = 0; k < 15; k++) state = step(state.x, state.z, k / (k + 3));
  return (await state.x.data()) as Float32Array;
}
