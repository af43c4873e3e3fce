import { defineOp, type FusedLoad, type FusedStore, type KernelCall, type Op } from '../op.js';
import { attrsKey } from '../ops/elementwise/attrsKey.js';
import type { Value } from '../ops/elementwise/convert.js';
import { type Layout, typeKey } from '../shape.js';
import { parametersOf, programOf } from './fusedOp.js';
import { wholeLayout } from './graph.js';

/** A fused load or store with the names of the ops it stands for, in order. */
type Named<T> = T & { readonly ops: readonly string[] };

/** `made` is the kernel that makes operand 0 inside. */
export type LoadAttrs = Named<Omit<FusedLoad, 'made'>> & { readonly made?: FusedKernelAttrs | undefined };

export interface FusedKernelAttrs {
  // biome-ignore lint/suspicious/noExplicitAny: a graph mixes attribute types
  readonly op: Op<any>;
  readonly attrs: unknown;
  /** As the op sees them. */
  readonly inputs: readonly Layout[];
  readonly loads: readonly (LoadAttrs | undefined)[];
  readonly store: Named<FusedStore> | undefined;
}

const valueKey = (value: Value): string => {
  const program = programOf(value);
  return `${program.key}|${attrsKey(parametersOf(program))}`;
};

const sourcesKey = ({ operands, made }: LoadAttrs): string =>
  made ? `(${keyOf(made)}; ${typeKey(made.inputs[0]!)}) and ${operands.length}` : String(operands.length);

function keyOf({ op, attrs, inputs, loads, store }: FusedKernelAttrs): string {
  const own = op.key ? op.key(attrs) : JSON.stringify(attrs);
  const loadKeys = loads.map((load, k) =>
    load ? `${typeKey(inputs[k]!)} from ${sourcesKey(load)}: ${valueKey(load.value)}` : '',
  );
  return [op.name, own, ...loadKeys, store ? valueKey(store.value) : ''].join('|');
}

const callOf = (
  { attrs, inputs, loads, store }: FusedKernelAttrs,
  outputs: readonly Layout[],
): KernelCall<unknown> => ({
  ...{ inputs, outputs, attrs },
  loads: loads.map((load) => load && loadOf(load)),
  ...(store && { store }),
});

function loadOf({ value, operands, made }: LoadAttrs): FusedLoad {
  if (!made) return { value, operands };
  const outputs = made.op.infer(made.inputs, made.attrs).map(wholeLayout);
  return { value, operands, made: { op: made.op, call: callOf(made, outputs) } };
}

/**
 * A kernel with the element-wise ops around it. Its operands: each input or, in its place, the operands of its load;
 * then those of the store.
 */
export const fusedKernelOp = defineOp<FusedKernelAttrs>({
  name: 'fused kernel',
  strided: true,
  key: keyOf,
  infer: (_, { op, attrs, inputs }) => op.infer(inputs, attrs),
  wasm: ({ outputs, attrs }, target) => attrs.op.wasm!(callOf(attrs, outputs), target),
  wgsl: ({ outputs, attrs }, target) => attrs.op.wgsl!(callOf(attrs, outputs), target),
});

/** `fft[load: mul; store: add, relu]` */
export function fusedKernelName({ op, loads, store }: FusedKernelAttrs): string {
  const loaded = loads.flatMap((load) => (load ? [`load: ${loadNames(load).join(', ')}`] : []));
  const stored = store ? [`store: ${store.ops.join(', ')}`] : [];
  const parts = [...loaded, ...stored];
  return parts.length > 0 ? `${op.name}[${parts.join('; ')}]` : op.name;
}

const loadNames = ({ ops, made }: LoadAttrs): string[] => [...(made ? [fusedKernelName(made)] : []), ...ops];
