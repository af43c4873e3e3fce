import { grad } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  centredFft,
  centredIfft,
  complexNormal,
  conj,
  conv2d,
  type Device,
  div,
  explain,
  init,
  instanceNorm,
  type Jitted,
  jit,
  key,
  leakyRelu,
  maximum,
  mean,
  mul,
  normal,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

/** What a call launches, as `explain` names it; its result is that of the eager ops, bit for bit. */
async function launches<A extends Tensor[]>(f: (...args: A) => Tensor, ...args: A): Promise<string[]> {
  const jitted = jit(f) as unknown as Jitted<Tensor[], Tensor>;
  expect(await jitted(...args).data()).toEqual(await f(...args).data());
  return explain(jitted, ...args)
    .split('\n')
    .flatMap((line) => line.match(/^ *\d+ {2}(.+) -> /)?.[1] ?? []);
}

describe('SENSE, composed of coil weighting, centred transform and mask', () => {
  const [coils, height, width] = [5, 33, 24];
  const image = () => complexNormal(key(1), [height, width]);
  const maps = () => complexNormal(key(2), [coils, height, width]);
  const kspace = () => complexNormal(key(3), [coils, height, width]);
  const mask = () => normal(key(4), [width]);
  const forward = (x: Tensor, maps: Tensor, mask: Tensor): Tensor => mul(mask, centredFft(mul(maps, x)));
  const adjoint = (y: Tensor, maps: Tensor, mask: Tensor): Tensor =>
    sum(mul(conj(maps), centredIfft(mul(mask, y))), { axes: 0 });

  it('forward is one transform', async () => {
    expect(await launches(forward, image(), maps(), mask())).toEqual(['fft[load: mul; store: mul]']);
  });

  it('adjoint is a transform and a sum', async () => {
    expect(await launches(adjoint, kspace(), maps(), mask())).toEqual([
      'fft[load: mul]',
      'sum[load: conj, mul]',
    ]);
  });

  it('normal is two transforms and a sum', async () => {
    const normalOperator = (x: Tensor, maps: Tensor, mask: Tensor) =>
      sum(mul(conj(maps), centredIfft(mul(mask, centredFft(mul(maps, x))))), { axes: 0 });
    expect(await launches(normalOperator, image(), maps(), mask())).toEqual([
      'fft[load: mul]',
      'fft[load: mul]',
      'sum[load: conj, mul]',
    ]);
  });

  it('in hybrid space, along the rows, normal is one kernel', async () => {
    const normalOperator = (x: Tensor, maps: Tensor, mask: Tensor) => {
      const along = { axes: [-1] };
      const images = centredIfft(mul(mask, centredFft(mul(maps, x), along)), along);
      return sum(mul(conj(maps), images), { axes: 0 });
    };
    expect(await launches(normalOperator, image(), maps(), mask())).toEqual([
      'sum[load: fft[load: fft[load: mul], mul], conj, mul]',
    ]);
  });

  it('the gradient of the data term is as long as the normal operator', async () => {
    const slope = (x: Tensor, maps: Tensor, mask: Tensor, y: Tensor) =>
      grad((v: Tensor) => mean(abs2(sub(forward(v, maps, mask), y))))(x);
    const made = await launches(slope, image(), maps(), mask(), kspace());
    expect(made.map((name) => name.replace(/\[.*/, ''))).toEqual(['fft', 'fft', 'sum']);
  });

  it('a proximal gradient step adds one kernel for the image', async () => {
    const step = (z: Tensor, maps: Tensor, mask: Tensor, y: Tensor): Tensor => {
      const residual = sub(forward(z, maps, mask), y);
      const moved = sub(z, mul(adjoint(residual, maps, mask), 0.5));
      const size = abs(moved);
      return mul(moved, div(maximum(sub(size, 0.1), 0), maximum(size, 1e-12)));
    };
    expect(await launches(step, image(), maps(), mask(), kspace())).toHaveLength(4);
  });
});

describe('convolution, instance norm, leaky ReLU', () => {
  const x = () => normal(key(5), [2, 3, 17, 14]);
  const weight = () => normal(key(6), [4, 3, 3, 3]);
  const bias = () => normal(key(7), [4]);
  const activate = (y: Tensor): Tensor => leakyRelu(instanceNorm(y), 0.2);

  it('are convolution, moments, and one kernel that normalises and activates', async () => {
    const block = (x: Tensor, w: Tensor) => activate(conv2d(x, w, { padding: 1 }));
    const made = await launches(block, x(), weight());
    expect(made).toHaveLength(3);
    expect(made.slice(0, 2)).toEqual(['conv2d', 'moments']);
    expect(made[2]).toMatch(/^fused\(.*leakyRelu\)$/);
  });

  it('with a bias, too', async () => {
    const block = (x: Tensor, w: Tensor, b: Tensor) => activate(conv2d(x, w, { padding: 1, bias: b }));
    const made = await launches(block, x(), weight(), bias());
    expect(made).toHaveLength(3);
    expect(made.slice(0, 2)).toEqual(['conv2d[store: add]', 'moments']);
  });

  it('with weight and bias of the norm, too', async () => {
    const block = (x: Tensor, w: Tensor, b: Tensor, scale: Tensor) =>
      leakyRelu(instanceNorm(conv2d(x, w, { bias: b }), { weight: scale, bias: b }), 0.2);
    expect(await launches(block, x(), weight(), bias(), normal(key(8), [4]))).toHaveLength(3);
  });
});

describe('what a kernel takes in', () => {
  const z = () => complexNormal(key(9), [6, 8]);

  it('is not computed twice: a value with another reader is stored', async () => {
    const f = (a: Tensor, b: Tensor) => {
      const y = mul(a, b);
      return add(centredFft(y), y);
    };
    expect(await launches(f, z(), z())).toEqual(['mul', 'fft[store: add]']);
  });

  it('a transform that is read twice goes on unfinished', async () => {
    const f = (a: Tensor, b: Tensor) => {
      const y = centredFft(a);
      return add(sum(mul(y, b)), sub(y, b));
    };
    expect(await launches(f, z(), z())).toContain('fft');
  });

  it('a value that costs nothing is finished where it is made, not by every reader', async () => {
    const f = (a: Tensor) => {
      const y = mul(centredFft(a), 0.5);
      return add(sum(y), sum(abs(y)));
    };
    expect((await launches(f, z()))[0]).toBe('fft[store: mul]');
  });

  it('at most what can be bound: six operands and results', async () => {
    const many = Array.from({ length: 5 }, (_, i) => complexNormal(key(i), [6, 8]));
    const product = (list: Tensor[]): Tensor => list.reduce((a, b) => mul(a, b));
    const weighted = (...xs: Tensor[]) => centredFft(product(xs));
    expect(await launches(weighted, ...many)).toEqual(['fft[load: mul, mul, mul, mul]']);
    expect(await launches(weighted, ...many, z())).toEqual(['mul', 'fft[load: mul, mul, mul, mul]']);
  });

  it('in a donated argument only what still may be read there', async () => {
    const f = (a: Tensor, b: Tensor): Tensor => add(centredFft(mul(a, b)), a);
    const a = complexNormal(key(1), [40, 33]);
    const b = complexNormal(key(2), [40, 33]);
    const expected = await f(a, b).data();
    expect(await jit(f, { donate: [0] })(a, b).data()).toEqual(expected);
  });
});
