import type { WgslKernel, WgslOperand, WgslSource, WgslTarget, WgslWord } from '../../backend/webgpu/plan.js';
import { StockhamText } from './stockham.wgsl.js';

/** What a pass reads and writes: elements of the axis, or those of a work array [outer, length, inner]. */
export type Side = 'axis' | 'work';

/** One pass through memory over all transforms along an axis of [outer, size, inner]. */
export interface AxisPass {
  readonly size: number;
  readonly inner: number;
  /** Length of the transform: the size, or longer where it is part of Bluestein's algorithm. */
  readonly length: number;
  /** Length of the transforms this pass does, and the product of those of earlier passes. */
  readonly part: number;
  readonly before: number;
  readonly reads: Side;
  readonly writes: Side;
  /** `forward` and `back` are the two transforms of Bluestein's algorithm in passes of their own. */
  readonly bluestein?: 'whole' | 'forward' | 'back' | undefined;
  readonly inverse: boolean;
  readonly centred: boolean;
}

/** Where a pass finds its tables, in complex numbers from the start of the table. */
export interface TablePlaces {
  /** exp(−2πi·k/part) */
  readonly roots: number;
  /** exp(−2πi·k/length) = coarse[⌊k/2^fineShift⌋]·fine[k mod 2^fineShift], where several passes make a transform. */
  readonly coarse?: number;
  readonly fine?: number;
  readonly chirp?: number;
  readonly spectrum?: number;
}

/** Where a launch of a pass works. */
export interface PassPlace {
  readonly source: WgslSource;
  readonly destination: WgslSource;
  readonly table: number;
  readonly tables: TablePlaces;
  /** Outer indices, and the first of them; work arrays begin with the first. */
  readonly outer: number;
  readonly firstOuter: number;
  readonly scale: number;
}

/** log₂ of the entries of the fine table of roots: about the root of the length. */
export const fineShift = (length: number): number => Math.ceil(Math.log2(length) / 2);

/** Whether the pass ends the transform, its results being in their places. */
const isLastOf = ({ length, part, before }: AxisPass): boolean => before * part === length;

/**
 * The kernel of a pass: every work group does the transforms of a tile in its own memory. Lengths of transforms are
 * constants of the source, everything else is a parameter, so that arrays of many shapes share a pipeline.
 */
export function axisPassKernel(pass: AxisPass, place: PassPlace, target: WgslTarget): WgslKernel {
  const { part, inner, length, bluestein } = pass;
  const runs =
    bluestein === 'whole'
      ? ([
          { from: 'memory', to: 'workgroup' },
          { from: 'workgroup', to: 'memory' },
        ] as const)
      : ([{ from: 'memory', to: 'memory' }] as const);
  // with few neighbours on the output side, results of one transform are neighbours in memory
  const elementsFirst = !isLastOf(pass) && pass.before * inner < 4;
  const text = new StockhamText(part, runs, elementsFirst, target);
  const columns = (length / part) * inner;
  const laneShift = Math.min(Math.log2(text.tile.transforms), Math.ceil(Math.log2(columns)));
  const across = Math.ceil(columns / 2 ** laneShift);
  const blocks = text.tile.transforms / 2 ** laneShift;
  const declarations = [arithmetic, tileText, ...sideTexts(pass), text.declarations].join('\n\n');
  const body = `${originText}\n${text.body}`;
  const words = wordsOf(pass, place, { columns, across, blocks, laneShift });
  return {
    name: `fft/${part}${bluestein ? ' bluestein' : ''}`,
    about: aboutText(pass, text.radices),
    operands: operandsOf(place),
    words: usedIn(`${declarations}${body}`, words),
    workgroupSize: text.tile.workgroupSize,
    groups: Math.ceil(place.outer / blocks) * across,
    declarations,
    body,
  };
}

function aboutText(pass: AxisPass, radices: readonly number[]): string {
  const { part, before, reads, writes, bluestein } = pass;
  const passes = reads === 'axis' && writes === 'axis' ? 'One read and one write' : 'One of several passes';
  const transform = `transforms of length ${part}, radices ${radices.join(' ')}`;
  if (bluestein)
    return `y_k = scale conj(c_k) sum_j (x_j conj(c_j)) c_(k-j), c_k = exp(pi i k^2/size). ${passes}: ${transform}.`;
  const after = isLastOf(pass) ? '' : before === 1 ? ', first of several' : ', after others';
  return `y_k = scale sum_j x_j exp(-2 pi i jk/size) along an axis. ${passes}: ${transform}${after}.`;
}

/** Source and destination may be one memory: a single pass changes every transform in its place. */
const operandsOf = ({ source, destination, table }: PassPlace): Readonly<Record<string, WgslOperand>> => ({
  x: { source, dtype: 'c64', access: 'read' },
  y: { source: destination, dtype: 'c64', access: 'write' },
  roots: { source: { table }, dtype: 'c64', access: 'read' },
});

function wordsOf(
  pass: AxisPass,
  { outer, firstOuter, scale, tables }: PassPlace,
  tile: Readonly<Record<'columns' | 'across' | 'blocks' | 'laneShift', number>>,
): Readonly<Record<string, WgslWord>> {
  const { size, inner, length, part, before, inverse, centred } = pass;
  const whole = {
    size,
    inner,
    length,
    before,
    spacing: length / part,
    half: centred ? Math.floor(size / 2) : 0,
    inverse: inverse ? 1 : 0,
    fineShift: fineShift(length),
    outerBegin: firstOuter,
    outer,
    ...tile,
    ...tables,
  };
  const words = Object.entries(whole).map(([name, value]) => [name, { type: 'u32', value }] as const);
  return { ...Object.fromEntries(words), scale: { type: 'f32', value: scale } };
}

/** Few parameters reach a kernel faster than many. */
const usedIn = (
  text: string,
  words: Readonly<Record<string, WgslWord>>,
): Readonly<Record<string, WgslWord>> =>
  Object.fromEntries(Object.entries(words).filter(([name]) => new RegExp(`\\bp\\.${name}\\b`).test(text)));

const originText = `
firstOuter = group / p.across * p.blocks;
firstColumn = (group % p.across) << p.laneShift;`;

const arithmetic = `
fn product(a: vec2f, b: vec2f) -> vec2f {
  return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn root(i: u32) -> vec2f {
  return load_roots(p.roots + i);
}`;

const tileText = `
// The tile's first transform.
var<private> firstOuter: u32;
var<private> firstColumn: u32;

fn inside(at: vec3u) -> bool {
  return at.z < p.blocks && firstOuter + at.z < p.outer && firstColumn + at.x < p.columns;
}`;

function sideTexts(pass: AxisPass): string[] {
  const isAxis = pass.reads === 'axis' || pass.writes === 'axis';
  return [
    ...(isAxis ? [axisText] : []),
    elementText(pass),
    ...(pass.bluestein === 'whole' ? [filterText] : []),
    ...(isLastOf(pass) ? [] : [twiddleText]),
    putText(pass),
  ];
}

const axisText = `
// Where element j of the axis is: the origin of a centred one stands at p.half.
fn axisIndex(outer: u32, j: u32, inner: u32) -> u32 {
  let i = j + p.half;
  return ((p.outerBegin + outer) * p.size + select(i, i - p.size, i >= p.size)) * p.inner + inner;
}

// An inverse transform is a forward one of numbers with exchanged parts.
fn oriented(value: vec2f) -> vec2f {
  return select(value, value.yx, p.inverse == 1u);
}`;

const filterText = `
// Times the filter's spectrum. Exchanged parts make the next transform an inverse one.
fn filtered(k: u32, value: vec2f) -> vec2f {
  return product(value, load_roots(p.spectrum + k)).yx;
}`;

const twiddleText = `
// exp(-2 pi i k/p.length)
fn twiddle(k: u32) -> vec2f {
  let fine = k & ((1u << p.fineShift) - 1u);
  return product(load_roots(p.coarse + (k >> p.fineShift)), load_roots(p.fine + fine));
}`;

const workIndex = '(outer * p.length + j) * p.inner + inner';

/** A transform of the whole axis has one column per inner element. */
const columnLines = ({ part, length }: AxisPass): string[] => [
  '  let outer = firstOuter + at.z;',
  '  let column = firstColumn + at.x;',
  `  let inner = ${part === length ? 'column' : 'column % p.inner'};`,
];

function elementText(pass: AxisPass): string {
  const { part, length, reads, bluestein } = pass;
  const lines = [
    'fn element(at: vec3u, e: u32) -> vec2f {',
    ...columnLines(pass),
    `  let j = ${part === length ? 'e' : 'column / p.inner + e * p.spacing'};`,
  ];
  if (reads === 'work') lines.push(`  return load_x(${workIndex});`);
  else {
    const value = 'oriented(load_x(axisIndex(outer, j, inner)))';
    if (bluestein) lines.push('  if (j >= p.size) { return vec2f(); }');
    lines.push(`  return ${bluestein ? `product(${value}, load_roots(p.chirp + j))` : value};`);
  }
  return [...lines, '}'].join('\n');
}

function putText(pass: AxisPass): string {
  const { part, length, writes, bluestein } = pass;
  const lines = ['fn put(at: vec3u, e: u32, result: vec2f) {', ...columnLines(pass), '  var value = result;'];
  if (part === length) lines.push('  let j = e;');
  else
    lines.push(
      '  let butterfly = column / p.inner;',
      '  let later = butterfly / p.before;',
      `  let j = butterfly % p.before + p.before * (later * ${part}u + e);`,
    );
  if (!isLastOf(pass)) lines.push('  value = product(value, twiddle(p.before * later * e));');
  else if (bluestein === 'forward') lines.push('  value = product(value, load_roots(p.spectrum + j)).yx;');
  if (writes === 'work') lines.push(`  store_y(${workIndex}, value);`);
  else {
    if (bluestein)
      lines.push('  if (j >= p.size) { return; }', '  value = product(value.yx, load_roots(p.chirp + j));');
    lines.push('  store_y(axisIndex(outer, j, inner), p.scale * oriented(value));');
  }
  return [...lines, '}'].join('\n');
}
