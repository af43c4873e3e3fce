/**
 * Another way in which kernels are made for a GPU.
 * @typedef {object} Variant
 * @property {string} name
 * @property {import('@adjoint/tensor').InitOptions} options of the device
 * @property {import('@adjoint/tensor').ConvAlgorithm} [convolutions] how they are computed; default: by their shape
 * @property {readonly string[]} families of the op table whose kernels differ
 * @property {number} [tolerance] where results are less accurate
 * @property {RegExp} [timings] workloads whose kernels differ
 */

/**
 * What a GPU can run besides what `init({ device: 'webgpu' })` uses on it.
 * @param {import('@adjoint/tensor').DeviceInfo} about that device
 * @returns {readonly Variant[]}
 */
export function variantsOf({ kernels, features }) {
  /** @type {Variant} */
  const plain = {
    name: 'no subgroups',
    options: { subgroups: false },
    families: ['reduce', 'nn'],
    timings: /^(sum|instanceNorm)/,
  };
  /** @type {Variant} */
  const half = {
    name: 'half precision',
    options: { f16: true },
    convolutions: 'winograd',
    families: ['conv'],
    tolerance: 1e-2,
    timings: /^conv3x3/,
  };
  return [
    // samples are so small that their shape alone never chooses it; its transforms lose a digit
    { name: 'Winograd', options: {}, convolutions: 'winograd', families: ['conv'], tolerance: 2e-5 },
    ...(kernels && kernels.subgroupSize > 1 ? [plain] : []),
    {
      name: 'large work groups',
      options: { limits: 'adapter' },
      families: ['fft'],
      timings: /^(fft2|sense_normal)/,
    },
    ...(features.includes('shader-f16') ? [half] : []),
  ];
}
