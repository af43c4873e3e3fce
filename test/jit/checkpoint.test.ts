import { checkpoint, disposeTree, grad, gradcheck, hvp } from '@adjoint/autograd';
import {
  add,
  createDevice,
  cumsum,
  type Device,
  explain,
  gather,
  init,
  jit,
  key,
  memory,
  mul,
  normal,
  scope,
  sigmoid,
  sin,
  sum,
  type Tensor,
  tensor,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const segment = (x: Tensor): Tensor => mul(sigmoid(cumsum(sin(cumsum(x, { axis: 0 })), { axis: 0 })), x);
const chain =
  (layer: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor => {
    for (let i = 0; i < 12; i++) x = layer(x);
    return sum(mul(x, x));
  };
const plain = chain(segment);
const frugal = chain(checkpoint(segment));

describe('checkpoint', () => {
  it('gives the same gradients, eager and compiled, of any order', async () => {
    const x = normal(key(1), [50]);
    const expected = await grad(plain)(x).data();
    expect(await grad(frugal)(x).data()).toEqual(expected);
    expect(await jit(grad(frugal))(x).data()).toEqual(expected);
    const short = (layer: (y: Tensor) => Tensor) => (y: Tensor) => sum(layer(layer(y)));
    const [got, want] = [checkpoint(segment), segment].map((layer) => hvp(short(layer), x, x).data());
    const wanted = await want!;
    (await got!).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 3);
    });
    const reference = await createDevice({ device: 'reference' });
    const at = tensor([0.1, 0.2, 0.3], { dtype: 'f64', device: reference });
    await gradcheck(short(checkpoint(segment)), [at], { order: 2 });
  });

  it('takes trees, with integers among them', async () => {
    const f = checkpoint(({ x, indices }: { x: Tensor; indices: Tensor }, scale: Tensor) => ({
      y: mul(gather(x, indices, 0), scale),
    }));
    const indices = tensor(new Int32Array([2, 0]));
    const gradient = grad((x: Tensor, s: Tensor) => sum(f({ x, indices }, s).y), { argnums: [0, 1] });
    const [xBar, sBar] = gradient(tensor([1, 2, 3]), tensor(5));
    expect([...(await xBar!.data())]).toEqual([5, 0, 5]);
    expect(await sBar!.item()).toBe(4);
  });

  it('lowers the memory of the sweep', async () => {
    const x = scope(() => normal(key(2), [1 << 18]));
    const peakOf = async (f: (x: Tensor) => Tensor): Promise<number> => {
      const own = await createDevice({ device: 'wasm', threads: 1 });
      const input = withDevice(own, () => scope(() => normal(key(2), [1 << 18])));
      disposeTree(withDevice(own, () => grad(f)(input)));
      const { peakBytes } = memory(own);
      own.dispose();
      return peakBytes;
    };
    const [eager, eagerFrugal] = [await peakOf(plain), await peakOf(frugal)];
    const planned = (f: (x: Tensor) => Tensor): number =>
      Number(explain(jit(grad(f)), x).match(/planned peak ([\d.]+) MiB/)![1]);
    const [compiled, compiledFrugal] = [planned(plain), planned(frugal)];
    process.stdout.write(
      `checkpoint: peak ${eager / 2 ** 20} -> ${eagerFrugal / 2 ** 20} MiB eager, ${compiled} -> ${compiledFrugal} MiB planned\n`,
    );
    expect(eagerFrugal).toBeLessThan(0.6 * eager);
    expect(compiledFrugal).toBeLessThan(0.6 * compiled);
  });

  it('refuses a captured tensor that is differentiated', () => {
    expect(() => grad((x: Tensor) => sum(checkpoint((y: Tensor) => add(y, x))(x)))(tensor([1]))).toThrow(
      /passed to the op as an argument/,
    );
  });
});
