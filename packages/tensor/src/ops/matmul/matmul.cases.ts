import { type DType, dtypeInfo, isComplex } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { reshape } from '../view/index.js';
import { einsum } from './einsum.js';
import { matmul } from './matmul.js';
import { dot, outer, vdot } from './products.js';

const pairs: DType[][] = [
  ['f32', 'f32'],
  ['c64', 'c64'],
  ['f32', 'c64'],
  ['c64', 'f32'],
];

/** Einstein summation spelt out: every combination of all names, in double precision. */
function sumOfProducts(operands: readonly HostValue[], names: readonly string[], output: string): HostValue {
  const sizes = new Map<string, number>();
  names.forEach((term, i) => {
    [...term].forEach((name, axis) => {
      const seen = sizes.get(name);
      if (seen === undefined || seen === 1) sizes.set(name, operands[i]!.shape[axis]!);
    });
  });
  const loops = [...sizes.keys()];
  const counts = loops.map((name) => sizes.get(name)!);
  const strides = contiguousStrides(counts);
  const shape = [...output].map((name) => sizes.get(name)!);
  const complex = operands.some((x) => isComplex(x.dtype));
  const data = new Float64Array(sizeOf(shape) * (complex ? 2 : 1));
  const offset = (term: string, of: readonly number[], at: readonly number[]) =>
    [...term].reduce(
      (sum, name, axis) => sum * of[axis]! + (of[axis] === 1 ? 0 : at[loops.indexOf(name)]!),
      0,
    );
  for (let i = 0; i < sizeOf(counts); i++) {
    const at = counts.map((n, axis) => Math.floor(i / strides[axis]!) % n);
    let [re, im] = [1, 0];
    operands.forEach((x, k) => {
      const { parts } = dtypeInfo[x.dtype];
      const from = offset(names[k]!, x.shape, at) * parts;
      const [a, b] = [x.data[from]!, parts === 2 ? x.data[from + 1]! : 0];
      [re, im] = [re * a - im * b, re * b + im * a];
    });
    const to = offset(output, shape, at) * (complex ? 2 : 1);
    data[to]! += re;
    if (complex) data[to + 1]! += im;
  }
  return { shape, dtype: complex ? 'c128' : 'f64', data };
}

const conjugate = (x: HostValue): HostValue =>
  isComplex(x.dtype) ? { ...x, data: Float64Array.from(x.data, (value, i) => (i % 2 ? -value : value)) } : x;
const flat = (x: HostValue): HostValue => ({ ...x, shape: [sizeOf(x.shape)] });

/** Batch axes come as 'xyz', aligned from the last. */
function matmulFormula([a, b]: readonly HostValue[]): HostValue {
  const batch = (x: HostValue) => 'xyz'.slice(3 - Math.max(0, x.shape.length - 2));
  const left = a!.shape.length === 1 ? 'k' : `${batch(a!)}ik`;
  const right = b!.shape.length === 1 ? 'k' : `${batch(b!)}kj`;
  const leading = batch(a!).length > batch(b!).length ? batch(a!) : batch(b!);
  const output = `${leading}${left.includes('i') ? 'i' : ''}${right.includes('j') ? 'j' : ''}`;
  return sumOfProducts([a!, b!], [left, right], output);
}

function sampleMatmul(draw: Draw) {
  const size = () => draw.pick([0, 1, 2, 3, 5, 7, 9]);
  const [m, n, k] = [size(), size(), size()];
  const [left, right] = draw.broadcastable(2, { maxRank: 2, maxSize: 3 }) as [number[], number[]];
  const a = draw.int(0, 4) === 0 ? [k] : [...left, m, k];
  const b = draw.int(0, 4) === 0 ? [k] : [...right, k, n];
  return { inputs: [{ shape: a }, { shape: b }], params: {} };
}

/** Subscripts with shapes for sizes i, j, k, n; the formula's names and result stand behind. */
const einsumCases: Record<string, { shapes: string[]; output: string }> = {
  'ij,jk->ik': { shapes: ['ij', 'jk'], output: 'ik' },
  'ij,kj': { shapes: ['ij', 'kj'], output: 'ik' },
  'ij,ij->': { shapes: ['ij', 'ij'], output: '' },
  'ij,ij->ji': { shapes: ['ij', 'ij'], output: 'ji' },
  'i,jk->kij': { shapes: ['i', 'jk'], output: 'kij' },
  'nik,jkn->jin': { shapes: ['nik', 'jkn'], output: 'jin' },
  'ii,ij->j': { shapes: ['ii', 'ij'], output: 'j' },
  'iij,ji->i': { shapes: ['iij', 'ji'], output: 'i' },
  '...ij,...jk': { shapes: ['nij', 'njk'], output: 'nik' },
  '...i,i...->...': { shapes: ['jki', 'ijk'], output: 'jk' },
  'ijkn,nk->ji': { shapes: ['ijkn', 'nk'], output: 'ji' },
  ' i j , n -> j ': { shapes: ['ij', 'n'], output: 'j' },
};

const sampleEinsum = (draw: Draw) => {
  const subscripts = draw.pick(Object.keys(einsumCases));
  const sizes: Record<string, number> = {};
  for (const name of 'ijkn') sizes[name] = draw.int(draw.int(0, 9) === 0 ? 0 : 1, 4);
  const inputs = einsumCases[subscripts]!.shapes.map((names) => ({
    shape: [...names].map((name) => sizes[name]!),
  }));
  return { inputs, params: { subscripts } };
};

export const matmulRows: FunctionRow[] = [
  functionRow({
    name: 'matmul',
    dtypes: pairs,
    call: ([a, b]) => matmul(a!, b!),
    reference: matmulFormula,
    sample: sampleMatmul,
    bad: [
      {
        what: 'a scalar',
        call: ([a, b]) => matmul(a!, dot(reshape(outer(b!, b!), [-1]), reshape(outer(b!, b!), [-1]))),
      },
      {
        what: 'different summed sizes',
        call: ([a]) => matmul(outer(a!, a!), reshape(outer(a!, a!), [-1, 1, 1])),
      },
    ],
  }),
  functionRow({
    name: 'dot',
    dtypes: pairs,
    call: ([a, b]) => dot(a!, b!),
    reference: ([a, b]) => sumOfProducts([a!, b!], ['i', 'i'], ''),
    sample: (draw) => {
      const n = draw.int(0, 9);
      return { inputs: [{ shape: [n] }, { shape: [n] }], params: {} };
    },
    bad: [{ what: 'a matrix', call: ([a, b]) => dot(outer(a!, b!), b!) }],
  }),
  functionRow({
    name: 'vdot',
    dtypes: pairs,
    call: ([a, b]) => vdot(a!, b!),
    reference: ([a, b]) => sumOfProducts([flat(conjugate(a!)), flat(b!)], ['i', 'i'], ''),
    sample: (draw) => {
      const shape = draw.shape({ maxRank: 3 });
      return { inputs: [{ shape }, { shape }], params: {} };
    },
    bad: [{ what: 'another shape', call: ([a, b]) => vdot(a!, reshape(b!, [...b!.shape, 1])) }],
  }),
  functionRow({
    name: 'outer',
    dtypes: pairs,
    call: ([a, b]) => outer(a!, b!),
    reference: ([a, b]) => sumOfProducts([flat(a!), flat(b!)], ['i', 'j'], 'ij'),
    sample: (draw) => ({
      inputs: [{ shape: draw.shape({ maxRank: 2 }) }, { shape: draw.shape({ maxRank: 2 }) }],
      params: {},
    }),
  }),
  functionRow<{ subscripts: string }>({
    name: 'einsum',
    dtypes: pairs,
    call: ([a, b], { subscripts }) => einsum(subscripts, a!, b!),
    reference: ([a, b], { subscripts }) => {
      const { shapes, output } = einsumCases[subscripts]!;
      return sumOfProducts([a!, b!], shapes, output);
    },
    sample: sampleEinsum,
    bad: [
      { what: 'no string', call: ([a]) => einsum(undefined as never, a!) },
      { what: 'too few operands', call: ([a]) => einsum('ij,jk->ik', a!) },
      { what: 'no operands', call: () => einsum('') },
      { what: 'a foreign character', call: ([a]) => einsum('i$', a!) },
      { what: 'two arrows', call: ([a]) => einsum('...->...->...', a!) },
      { what: 'a rank that does not fit', call: ([a]) => einsum('abcdefgh', a!) },
      { what: 'an unknown name in the result', call: ([a]) => einsum('...->...z', a!) },
      { what: 'a repeated name in the result', call: ([a]) => einsum('a->aa', reshape(a!, [-1])) },
      { what: 'an ellipsis that the result drops', call: ([a]) => einsum('...->', reshape(a!, [-1])) },
      {
        what: 'sizes that disagree',
        call: ([a]) =>
          einsum(
            'a,a->',
            reshape(a!, [-1]),
            reshape(einsum('a,b->ab', reshape(a!, [-1]), reshape(a!, [-1])), [-1, 1, 1]),
          ),
      },
    ],
  }),
  functionRow({
    name: 'einsum:chain',
    dtypes: [['f32', 'c64', 'f32']],
    call: ([a, b, c]) => einsum('ij,jk,kl->il', a!, b!, c!),
    reference: (inputs) => sumOfProducts(inputs, ['ij', 'jk', 'kl'], 'il'),
    sample: (draw) => {
      const [i, j, k, l] = [draw.int(1, 3), draw.int(1, 4), draw.int(1, 4), draw.int(1, 3)];
      return { inputs: [{ shape: [i, j] }, { shape: [j, k] }, { shape: [k, l] }], params: {} };
    },
  }),
];
