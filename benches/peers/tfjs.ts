import { type HostInput, type PeerLibrary, type PeerRun, peerVersion, requirePeer } from './library.js';

/**
 * TensorFlow.js on its wasm backend: SIMD, one thread in Node.js. It has no complex kernels, no FFT and no
 * gradient of a convolution there. Images and weights are brought into its own layout before.
 */
export async function loadTfjs(): Promise<PeerLibrary> {
  const tf = requirePeer('@tensorflow/tfjs-core');
  requirePeer('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  await tf.ready();

  // biome-ignore lint/suspicious/noExplicitAny: its tensors
  const timed = (call: () => any, finish: (y: any) => any = (y) => y): PeerRun => ({
    run: () => call().dispose(),
    output: async () => [new Float32Array(await finish(call()).data())],
  });
  const made = ({ data, shape }: HostInput) => tf.tensor(data, shape);

  const convolution = ([x, w]: readonly HostInput[]): PeerRun => {
    const image = tf.transpose(made(x!), [0, 2, 3, 1]);
    const weights = tf.transpose(made(w!), [2, 3, 1, 0]);
    return timed(
      () => tf.conv2d(image, weights, 1, 'same'),
      (y) => tf.transpose(y, [0, 3, 1, 2]),
    );
  };
  const matmul = (inputs: readonly HostInput[]): PeerRun => {
    const [a, b] = inputs.map(made);
    return timed(() => tf.matMul(a, b));
  };
  const chain = (inputs: readonly HostInput[]): PeerRun => {
    const [x, y] = inputs.map(made);
    return timed(() => tf.tidy(() => tf.sigmoid(tf.relu(tf.mul(tf.add(tf.mul(x, y), x), 0.5)))));
  };

  return {
    version: `TensorFlow.js ${peerVersion('@tensorflow/tfjs-core')} (wasm)`,
    threads: 1,
    ops: {
      conv2d_3x3_32to32_fwd: convolution,
      conv2d_3x3_64to64_fwd: convolution,
      conv2d_3x3_128to128_fwd: convolution,
      matmul_1024: matmul,
      chain_4m: chain,
    },
  };
}
