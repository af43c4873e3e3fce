import {
  arange,
  centredFft,
  centredIfft,
  currentDevice,
  fft,
  fft2,
  fftshift,
  ifft,
  ifft2,
  ifftshift,
  type Tensor,
} from '@adjoint/tensor';
import { GoldenError, type Group } from './h5.js';
import { isProse, place, type Result, type Suite } from './suite.js';

/** Single-precision transforms reach 2.6e-7 in relative l2, primes included; what is beyond 1e-6 is a fault. */
const limit = 1e-6;

type Norm = 'backward' | 'ortho' | 'forward';
type Transform = (x: Tensor, group: Group) => Tensor;

function norm(group: Group, attribute: string): Norm {
  const value = group.text(attribute);
  if (value !== 'backward' && value !== 'ortho' && value !== 'forward')
    throw new GoldenError(`attribute ${attribute} = ${value} is not a norm`);
  return value;
}

function centred(transform: typeof centredFft): Transform {
  return (x, group) => {
    group.only('fft2c_norm', 'ortho');
    return transform(x, { axes: [...group.list('axes')] });
  };
}

const plain =
  (transform: typeof fft2): Transform =>
  (x, group) =>
    transform(x, { axes: group.list('axes') as [number, number], norm: norm(group, 'fft2_norm') });

const line =
  (transform: typeof fft): Transform =>
  (x, group) =>
    transform(x, { axis: group.number('axis'), norm: norm(group, 'norm') });

/** By kind of case, then by name of the dataset that holds the result. */
const transforms: Record<string, Record<string, Transform>> = {
  c2d: {
    fft2c: centred(centredFft),
    ifft2c: centred(centredIfft),
    fft2: plain(fft2),
    ifft2: plain(ifft2),
  },
  d1: { fft: line(fft), ifft: line(ifft) },
  shift: { fftshift: (x) => fftshift(x), ifftshift: (x) => ifftshift(x) },
};

/** The input: `x`, or for index shifts the numbers 0 … n − 1. */
function inputOf(group: Group): Tensor {
  if (group.parts[0] !== 'shift') return place(group.dataset('x'));
  group.only('input', 'arange(n)');
  const n = group.dataset(group.datasetNames()[0]!).shape[0]!;
  return arange(n, undefined, 1, { device: currentDevice('fft suite') });
}

export const fftSuite: Suite = {
  file: 'fft',
  ignored: isProse,
  plan(group) {
    const kind = transforms[group.parts[0]!];
    if (!kind || group.parts.length !== 2) throw new GoldenError('is not a kind of case this suite knows');
    return () => {
      const x = inputOf(group);
      const results: Result[] = [];
      for (const name of group.datasetNames().filter((dataset) => dataset !== 'x')) {
        const transform = kind[name];
        if (!transform) throw new GoldenError(`dataset ${name} names no transform this suite knows`);
        results.push({ name, got: transform(x, group), expected: group.dataset(name), limit, measure: 'l2' });
      }
      return results;
    };
  },
};
