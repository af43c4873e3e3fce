import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan } from '../../backend/webgpu/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { extentsOf } from '../reduce/span.js';
import type { LookupAxis } from './lookup.js';

const workgroupSize = 256;

/** Every element of y has its own index. */
export const gatherWgsl = (call: KernelCall<LookupAxis>): WgslPlan =>
  readPlan(call, 'gather', 'x[o, k[o, j, i], i]', call.inputs[1]!.shape[call.attrs.axis]!, 'e');

/** A slice of y has one index. */
export const takeWgsl = (call: KernelCall<LookupAxis>): WgslPlan =>
  readPlan(call, 'take', 'x[o, k[j], i]', sizeOf(call.inputs[1]!.shape), 'j');

function readPlan(
  call: KernelCall<LookupAxis>,
  name: string,
  formula: string,
  picks: number,
  indexAt: 'e' | 'j',
): WgslPlan {
  const [x, k] = call.inputs;
  const [y] = call.outputs;
  const { n, inner } = extentsOf(x!.shape, { axis: call.attrs.axis, count: 1 });
  const total = sizeOf(y!.shape);
  const missing = missingValue(x!.dtype, call.attrs.outside);
  const step = wgslStep(call, {
    name: `index/${name}/${x!.dtype}`,
    about: `y[o, j, i] = ${formula}\n1 pass over y and k; one invocation per element of y`,
    operands: {
      x: { source: { input: 0 }, dtype: x!.dtype, access: 'read' },
      k: { source: { input: 1 }, dtype: k!.dtype, access: 'read' },
      y: { source: { output: 0 }, dtype: y!.dtype, access: 'write' },
    },
    words: { ...words({ total, n, inner, picks }), missing: { type: 'u32', value: missing.bits } },
    workgroupSize,
    groups: Math.ceil(total / workgroupSize),
    body: `let e = group * ${workgroupSize}u + local;
if (e < p.total) {
let i = e % p.inner;
let j = (e / p.inner) % p.picks;
let o = e / (p.inner * p.picks);
let k = bitcast<u32>(load_k(${indexAt}));
var value = ${missing.wgsl};
if (k < p.n) { value = load_x((o * p.n + k) * p.inner + i); }
store_y(e, value);
}`,
  });
  return { steps: [step] };
}

/** What an index outside the axis reads, made from bits that compilers do not know. */
function missingValue(dtype: DType, outside: LookupAxis['outside']): { wgsl: string; bits: number } {
  const { kind } = dtypeInfo[dtype];
  const wgsl = {
    bool: 'p.missing != 0u',
    integer: 'bitcast<i32>(p.missing)',
    float: 'bitcast<f32>(p.missing)',
    complex: 'vec2f(bitcast<f32>(p.missing))',
  }[kind];
  const isUndefined = outside === 'nan' && (kind === 'float' || kind === 'complex');
  return { wgsl, bits: isUndefined ? 0x7fc00000 : 0 };
}

const words = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: 'u32', value } as const]));
