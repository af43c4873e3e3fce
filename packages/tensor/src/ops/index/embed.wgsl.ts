import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan, WgslStep, WgslWord } from '../../backend/webgpu/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { type Layout, sizeOf } from '../../shape.js';
import type { EmbedAttrs } from './embed.js';

const workgroupSize = 256;

/** An axis of y: which of its places hold elements of x. */
interface Axis {
  /** Of y and of x. */
  readonly size: number;
  readonly n: number;
  readonly start: number;
  readonly step: number;
}

/** Every element of y finds its element of x, or has the constant value. */
export function embedWgsl(call: KernelCall<EmbedAttrs>): WgslPlan {
  const [x] = call.inputs;
  const [y] = call.outputs;
  const { start, step, value } = call.attrs;
  const total = sizeOf(y!.shape);
  const axes = mergeAxes(
    y!.shape.map((size, i) => ({ size, n: x!.shape[i]!, start: start[i]!, step: step[i]! })),
  );
  const constant = constantValue(y!.dtype, value);
  const places = placesText(axes);
  const kernel = wgslStep(call, {
    name: `index/embed/${y!.dtype}`,
    about:
      'y[start + i step] = x[i], a constant elsewhere\n1 pass over x and y; one invocation per element of y',
    operands: {
      x: { source: { input: 0 }, dtype: x!.dtype, access: 'read' },
      y: { source: { output: 0 }, dtype: y!.dtype, access: 'write' },
    },
    words: { ...constant.words, ...places.words, total: { type: 'u32', value: total } },
    workgroupSize,
    groups: Math.ceil(total / workgroupSize),
    body: `let e = group * ${workgroupSize}u + local;
if (e < p.total) {
var rest = e;
var at = 0u;
var weight = 1u;
var inside = true;
${places.wgsl}
var value = ${constant.wgsl};
if (inside) { value = load_x(at); }
store_y(e, value);
}`,
  });
  return { steps: [kernel] };
}

/** An axis that x fills is one with the axis before it, where x's elements are neighbours. */
function mergeAxes(axes: readonly Axis[]): Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    const before = merged.at(-1);
    const isFilled = axis.n === axis.size && axis.start === 0 && (axis.step === 1 || axis.size === 1);
    if (!before || !isFilled || before.step !== 1) merged.push(axis);
    else {
      const { size } = axis;
      merged[merged.length - 1] = {
        ...{ size: before.size * size, n: before.n * size },
        ...{ start: before.start * size, step: 1 },
      };
    }
  }
  return merged;
}

/** Axes whose numbers are parameters; those of further ones are part of the kernel. */
const parameterAxes = 8;

/** Takes the axes off the number `rest` of an element, last first: `at` becomes the number of that of x. */
function placesText(axes: readonly Axis[]): { wgsl: string; words: Record<string, WgslWord> } {
  const words: Record<string, WgslWord> = {};
  const parts = [...axes].reverse().map((axis, k) => {
    const number = (name: 'size' | 'n' | 'start' | 'by', value: number): string => {
      if (k >= parameterAxes) return `${value}u`;
      words[`${name}${k}`] = { type: 'u32', value };
      return `p.${name}${k}`;
    };
    const [size, n, start] = [number('size', axis.size), number('n', axis.n), number('start', axis.start)];
    const by = number('by', Math.abs(axis.step));
    // as unsigned: places before the first element wrap around and lie beyond the last
    return `let c${k} = rest % ${size};
rest /= ${size};
let d${k} = ${axis.step > 0 ? `c${k} - ${start}` : `${start} - c${k}`};
inside = inside && d${k} % ${by} == 0u && d${k} / ${by} < ${n};
at += d${k} / ${by} * weight;
weight *= ${n};`;
  });
  return { wgsl: parts.join('\n'), words };
}

function constantValue(
  dtype: DType,
  [re, im]: readonly [number, number],
): { wgsl: string; words: Record<string, WgslWord> } {
  const word = (type: WgslWord['type'], value: number): WgslWord => ({ type, value });
  const { kind } = dtypeInfo[dtype];
  if (kind === 'complex')
    return { wgsl: 'vec2f(p.re, p.im)', words: { re: word('f32', re), im: word('f32', im) } };
  if (kind === 'float') return { wgsl: 'p.re', words: { re: word('f32', re) } };
  if (kind === 'bool') return { wgsl: 'p.re != 0u', words: { re: word('u32', Number(re !== 0)) } };
  return { wgsl: 'p.re', words: { re: word('i32', re) } };
}

/** One dispatch per input, which goes to its part of y. */
export function concatWgsl(call: KernelCall<{ axis: number }>): WgslPlan {
  const { axis } = call.attrs;
  const [y] = call.outputs;
  const inner = sizeOf(y!.shape.slice(axis + 1));
  let start = 0;
  const steps: WgslStep[] = [];
  call.inputs.forEach((x, input) => {
    if (sizeOf(x.shape) > 0) steps.push(placeStep(call, x, input, inner * start, inner * y!.shape[axis]!));
    start += x.shape[axis]!;
  });
  return { steps };
}

/** Copies the runs of an input, `axis` and later axes, to `start` in those of y, which are `stride` apart. */
function placeStep(
  call: KernelCall<{ axis: number }>,
  { shape, dtype }: Layout,
  input: number,
  start: number,
  stride: number,
): WgslStep {
  const total = sizeOf(shape);
  const run = sizeOf(shape.slice(call.attrs.axis));
  const word = (value: number): WgslWord => ({ type: 'u32', value });
  return wgslStep(call, {
    name: `index/concat/${dtype}`,
    about: 'y[o, start + i] = x[o, i]\n1 pass over x',
    operands: {
      x: { source: { input }, dtype, access: 'read' },
      y: { source: { output: 0 }, dtype, access: 'write' },
    },
    words: { total: word(total), run: word(run), start: word(start), stride: word(stride) },
    workgroupSize,
    groups: Math.ceil(total / workgroupSize),
    body: `let e = group * ${workgroupSize}u + local;
if (e < p.total) { store_y(e / p.run * p.stride + p.start + e % p.run, load_x(e)); }`,
  });
}
