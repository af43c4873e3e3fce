import {
  createDevice,
  type Device,
  type DType,
  dtypeInfo,
  scope,
  type Tensor,
  type TypedArray,
  tensor,
  withDevice,
} from '@adjoint/tensor';
import { expect } from 'vitest';
import { difference } from '../../packages/tensor/src/testing/compare.js';
import { uniformStream } from '../../packages/tensor/src/testing/draw.js';

/** An operand of a computation that is done on two devices. */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** An operand whose real numbers (two per complex element) are `value(uniform in [0, 1), i)`. */
export function operand(
  shape: readonly number[],
  dtype: DType,
  value: (uniform: number, i: number) => number,
): Operand {
  const next = uniformStream(17);
  const { parts, array } = dtypeInfo[dtype];
  const count = shape.reduce((product, n) => product * n, parts as number);
  const data = new array(new ArrayBuffer(count * (dtypeInfo[dtype].bytes / parts)));
  for (let i = 0; i < count; i++) data[i] = value(next(), i);
  return { shape, dtype, data };
}

/** WebGPU, and the wasm device it is compared with. */
export class BothDevices {
  private constructor(
    readonly gpu: Device,
    readonly wasm: Device,
  ) {}

  static async create(): Promise<BothDevices> {
    return new BothDevices(await createDevice({ device: 'webgpu' }), await createDevice({ device: 'wasm' }));
  }

  dispose(): void {
    this.gpu.dispose();
    this.wasm.dispose();
  }

  /** The values a function of tensors has on a device. */
  async run(
    device: Device,
    f: (...x: Tensor[]) => Tensor,
    operands: readonly Operand[],
  ): Promise<TypedArray> {
    const y = withDevice(device, () =>
      scope(() => f(...operands.map(({ data, ...type }) => tensor(data, type)))),
    );
    const values = await y.data();
    y.dispose();
    return values as TypedArray;
  }

  /**
   * Requires the same values of both, up to `tolerance` · max(1, largest value): 0 for equal ones, NaN equal
   * to NaN.
   */
  async expectSame(
    f: (...x: Tensor[]) => Tensor,
    operands: readonly Operand[],
    tolerance: number,
  ): Promise<void> {
    const got = await this.run(this.gpu, f, operands);
    const expected = await this.run(this.wasm, f, operands);
    expect(got.length).toBe(expected.length);
    const { error, ...where } = difference(got, expected);
    expect(error, JSON.stringify(where)).toBeLessThanOrEqual(tolerance);
  }
}
