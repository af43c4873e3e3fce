/**
 * The same as zeroFilled.py in Node: a program that adjoint takes as a method, with nothing installed but adjoint.
 *
 *   node --conditions=source --import tsx examples/external/zeroFilled.ts IN.h5 OUT.h5
 */
import { readH5, rss, writeH5 } from '@adjoint/mri';
import { centredIfft, init, mul } from '@adjoint/tensor';

const [source, target] = process.argv.slice(2);
const device = await init({ device: 'wasm', threads: 0 });
const { tensors } = await readH5(source!, { names: ['kspace', 'mask'] });
await writeH5(target!, { reconstruction: rss(centredIfft(mul(tensors.kspace!, tensors.mask!))) });
device.dispose();
