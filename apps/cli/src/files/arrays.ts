import type { Tensor } from '@adjoint/tensor';
import { UsageError } from '../failure.js';

/** What a file of any format holds. */
export interface Arrays {
  /** By name, in the file's order. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** Names that arrays have in the fastMRI layout, the most specific first. */
const knownNames = ['reconstruction', 'kspace', 'image', 'reconstruction_rss', 'maps', 'mask'];

/** Arrays of names that have a fixed number of axes, and whether they are complex. */
const layouts: Readonly<Record<string, { axes: number; isComplex?: boolean }>> = {
  kspace: { axes: 4, isComplex: true },
  maps: { axes: 4, isComplex: true },
  reconstruction: { axes: 3 },
  reconstruction_rss: { axes: 3, isComplex: false },
  image: { axes: 3 },
};

/** The name of an array whose file has none. */
export function guessName({ dtype, shape }: Tensor): string {
  if (shape.length === 1) return 'mask';
  return dtype === 'c64' && shape.length >= 3 ? 'kspace' : 'image';
}

/**
 * The one array that is meant: the named one, the only one, or the first of those that are looked for. Throws
 * UsageError where there is none, or too many.
 */
export function pickArray(
  file: string,
  { tensors }: Arrays,
  name: string | undefined,
  order: readonly string[] = knownNames,
): [string, Tensor] {
  const names = Object.keys(tensors);
  const there = names.slice(0, 12).join(', ') || 'none';
  if (name !== undefined) {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (!found) throw new UsageError(`cannot read ${file}: there is no dataset "${name}"; it has ${there}.`);
    return [name, found];
  }
  const chosen = names.length === 1 ? names[0] : order.find((known) => names.includes(known));
  if (chosen === undefined)
    throw new UsageError(`which dataset of ${file}? --dataset says; it has ${there}.`);
  return [chosen, tensors[chosen]!];
}

/** An array with the axes and the kind of numbers that its name stands for: a slice axis, an imaginary part of 0. */
export async function inLayout(name: string, x: Tensor): Promise<Tensor> {
  const layout = Object.hasOwn(layouts, name) ? layouts[name] : undefined;
  if (!layout) return x;
  const { abs, cast, complex, isComplex, reshape, scope } = await import('@adjoint/tensor');
  return scope(() => {
    const missing = layout.axes - x.shape.length;
    const full = missing > 0 ? reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]) : x;
    if (layout.isComplex === true && !isComplex(full.dtype)) return complex(cast(full, 'f32'), 0);
    if (layout.isComplex === false && isComplex(full.dtype)) return abs(full);
    return full.alias();
  });
}
