import { isNode, nodeModule } from '../node.js';
import {
  type FunctionBuilder,
  f32x4,
  i32,
  ModuleBuilder,
  relaxedMadd,
  relaxedNmadd,
  type V128,
} from './assembler.js';
import type { KernelScope, WasmCode, WasmTarget } from './plan.js';

/** A module with one fused multiply-add: what decides whether `fma` is available. */
function fusedProbe(): Uint8Array {
  const module = new ModuleBuilder(false);
  module.function(['i32', 'i32', 'i32'], () => {
    const x = f32x4.const(1);
    return i32.truncSatF32(f32x4.extract(relaxedMadd(x, x, x), 0));
  });
  return module.assemble();
}

/**
 * Whether this engine compiles relaxed SIMD. Node 20 has it behind a process-wide V8 flag, which may be
 * set at run time and reaches workers: it only adds instructions.
 */
export async function detectFma(): Promise<boolean> {
  const probe = fusedProbe() as BufferSource;
  if (WebAssembly.validate(probe)) return true;
  if (!isNode) return false;
  const v8 = await nodeModule<typeof import('node:v8')>('node:v8');
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(probe);
}

/** Generates kernels for one device and keeps the assembled code by key. */
export class KernelTarget implements WasmTarget {
  private readonly codes = new Map<string, WasmCode>();

  constructor(
    readonly fma: boolean,
    private readonly sharedMemory: boolean,
  ) {}

  madd(a: V128, b: V128, c: V128): V128 {
    return this.fma ? relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
  }

  nmadd(a: V128, b: V128, c: V128): V128 {
    return this.fma ? relaxedNmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
  }

  kernel(key: string, build: (f: FunctionBuilder, scope: KernelScope) => void): WasmCode {
    const known = this.codes.get(key);
    if (known) return known;
    const module = new ModuleBuilder(this.sharedMemory);
    module.function(['i32', 'i32', 'i32'], (f) => {
      const args = f.parameter<'i32'>(1);
      const arg = (index: number) => i32.load(args, 4 * index);
      const argAddress = (index: number) => i32.add(args, 4 * index);
      build(f, { module, task: f.parameter<'i32'>(0), arg, argAddress, scratch: f.parameter<'i32'>(2) });
    });
    const code = { id: this.codes.size, key, bytes: module.assemble() };
    this.codes.set(key, code);
    return code;
  }
}

/** An f32 constant as an i32 kernel argument. */
export function floatBits(value: number): number {
  return new Int32Array(new Float32Array([value]).buffer)[0]!;
}
