import { defineOp, type FusedLoad, type FusedStore, type KernelCall, type Op } from '../op.js';
import { attrsKey } from '../ops/elementwise/attrsKey.js';
import type { Value } from '../ops/elementwise/convert.js';
import { type Layout, typeKey } from '../shape.js';
import { parametersOf, programOf } from './fusedOp.js';

/** A fused load or store with the names of the ops it stands for, in order. */
export type Named<T> = T & { readonly ops: readonly string[] };

export interface FusedKernelAttrs {
  // biome-ignore lint/suspicious/noExplicitAny: a graph mixes attribute types
  readonly op: Op<any>;
  readonly attrs: unknown;
  /** As the op sees them. */
  readonly inputs: readonly Layout[];
  readonly loads: readonly (Named<FusedLoad> | undefined)[];
  readonly store: Named<FusedStore> | undefined;
}

const valueKey = (value: Value): string => {
  const program = programOf(value);
  return `${program.key}|${attrsKey(parametersOf(program))}`;
};

function keyOf({ op, attrs, inputs, loads, store }: FusedKernelAttrs): string {
  const own = op.key ? op.key(attrs) : JSON.stringify(attrs);
  const loadKeys = loads.map((load, k) =>
    load ? `${typeKey(inputs[k]!)} from ${load.operands.length}: ${valueKey(load.value)}` : '',
  );
  return [op.name, own, ...loadKeys, store ? valueKey(store.value) : ''].join('|');
}

const callOf = (
  { attrs, inputs, loads, store }: FusedKernelAttrs,
  outputs: readonly Layout[],
): KernelCall<unknown> => ({ inputs, outputs, attrs, loads, ...(store && { store }) });

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
  const loaded = loads.flatMap((load) => (load ? [`load: ${load.ops.join(', ')}`] : []));
  const stored = store ? [`store: ${store.ops.join(', ')}`] : [];
  return `${op.name}[${[...loaded, ...stored].join('; ')}]`;
}
