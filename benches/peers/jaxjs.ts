import { type HostInput, type PeerLibrary, type PeerRun, peerVersion, requirePeer } from './library.js';

// biome-ignore-start lint/suspicious/noExplicitAny: the package is optional, so its types may not be there
type Jax = any;
type Value = any;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/** A call of jax-js: functions consume their arguments, so each call gets references of its own. */
function timed(jax: Jax, inputs: readonly Value[], f: (...inputs: Value[]) => Value[]): PeerRun {
  const call = async (): Promise<Value[]> => jax.blockUntilReady(f(...inputs.map((x) => x.ref)));
  return {
    run: async () => {
      for (const result of await call()) result.dispose();
    },
    output: async () => {
      const results: Float32Array[] = [];
      for (const result of await call()) results.push(new Float32Array(await result.data()));
      return results;
    },
  };
}

/** Complex results come as two arrays. */
function interleaved(run: PeerRun): PeerRun {
  return {
    ...run,
    output: async () => {
      const [re, im] = await run.output();
      const joint = new Float32Array(2 * re!.length);
      for (let i = 0; i < re!.length; i++) joint.set([re![i]!, im![i]!], 2 * i);
      return [joint];
    },
  };
}

/** jax-js on its wasm backend, one thread, compiled with its `jit`. A complex array is a pair of real ones. */
export async function loadJaxjs(): Promise<PeerLibrary> {
  const jax: Jax = requirePeer('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const { numpy: np, lax, nn } = jax;

  const made = ({ data, shape }: HostInput): Value => np.array(data).reshape([...shape]);
  const pair = ({ data, ...rest }: HostInput): Value[] =>
    [0, 1].map((part) => made({ ...rest, data: data.filter((_, i) => i % 2 === part) }));
  const convolve = (x: Value, w: Value): Value => lax.conv(x, w, [1, 1], 'SAME');
  const gradients = (x: Value, w: Value, gradient: Value): Value[] => {
    const [value, pullback] = jax.vjp(convolve, [x, w]);
    value.dispose();
    return pullback(gradient);
  };
  const forward = (inputs: readonly HostInput[]) =>
    timed(
      jax,
      inputs.map(made),
      jax.jit((x: Value, w: Value) => [convolve(x, w)]),
    );
  const both = (inputs: readonly HostInput[]) => timed(jax, inputs.map(made), gradients);

  return {
    version: `jax-js ${peerVersion('@jax-js/jax')} (wasm)`,
    threads: 1,
    ops: {
      fft2_c64: ([x]) => {
        const [h, w] = x!.shape.slice(-2);
        const scale = 1 / Math.sqrt(h! * w!);
        const transform = jax.jit((real: Value, imag: Value) => {
          const y = np.fft.fft2({ real, imag });
          return [y.real.mul(scale), y.imag.mul(scale)];
        });
        return interleaved(timed(jax, pair(x!), transform));
      },
      conv2d_3x3_32to32_fwd: forward,
      conv2d_3x3_64to64_fwd: forward,
      conv2d_3x3_128to128_fwd: forward,
      conv2d_3x3_32to32_fwd_bwd: both,
      conv2d_3x3_64to64_fwd_bwd: both,
      conv2d_3x3_128to128_fwd_bwd: both,
      matmul_1024: (inputs) => timed(jax, inputs.map(made), (a: Value, b: Value) => [np.matmul(a, b)]),
      chain_4m: (inputs) => {
        const chain = (x: Value, y: Value) => [nn.sigmoid(nn.relu(x.ref.mul(y).add(x).mul(0.5)))];
        return timed(jax, inputs.map(made), jax.jit(chain));
      },
    },
  };
}
