/**
 * Prints what a device is: name, limits and features of its hardware, and in which ways kernels can be made for it.
 * @param {import('@adjoint/tensor').DeviceInfo} about
 * @param {readonly import('./variants.mjs').Variant[]} variants
 */
export function printAbout({ description, limits, features, memoryBudget, dtypes }, variants) {
  console.log(description);
  console.log(`  Node ${process.version}, ${process.platform} ${process.arch}`);
  console.log(`  ${dtypes.join(', ')}; memory budget ${bytesText(memoryBudget)}`);
  console.log(`\n${'limit'.padEnd(36)}${'used'.padStart(12)}${'offered'.padStart(12)}`);
  for (const { name, used, offered } of limits) {
    const text = /size$/i.test(name) ? bytesText : String;
    console.log(`${name.padEnd(36)}${text(used).padStart(12)}${text(offered).padStart(12)}`);
  }
  const ofKernels = features.filter((name) => /f16|subgroup|atomic|matrix|timestamp/.test(name));
  console.log(`features offered, which no kernel needs: ${ofKernels.join(', ') || 'none'}`);
  console.log('kernels: the default, and where they differ');
  for (const variant of variants) console.log(`  ${variant.name.padEnd(20)}${howText(variant)}`);
}

/** @param {import('./variants.mjs').Variant} variant */
const howText = ({ options, convolutions }) =>
  [
    ...(Object.keys(options).length > 0 ? [`init(${JSON.stringify({ device: 'webgpu', ...options })})`] : []),
    ...(convolutions ? [`setConvAlgorithm('${convolutions}')`] : []),
  ].join(', ');

/** @param {number} bytes */
function bytesText(bytes) {
  const power = bytes > 0 ? Math.min(3, Math.floor(Math.log2(bytes) / 10)) : 0;
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}
