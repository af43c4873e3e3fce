import type { WgslOperand, WgslWord } from '../../backend/webgpu/plan.js';
import type { DType } from '../../dtype.js';

/** Updates u[outer, picks, inner] added to y[outer, size, inner] at indices k[picks], or of u's shape. */
export interface Spread {
  readonly name: string;
  readonly equation: string;
  /** The indices are shared by all outer indices and columns. */
  readonly shared: boolean;
  readonly outer: number;
  readonly picks: number;
  readonly inner: number;
  readonly size: number;
  readonly dtype: DType;
}

/** WGSL type of the updates. */
export const valueType = (dtype: DType): string => (dtype === 'c64' ? 'vec2f' : dtype);

export const spreadWords = ({
  picks,
  inner,
  size,
}: Spread): Record<'picks' | 'inner' | 'size', WgslWord> => ({
  picks: { type: 'u32', value: picks },
  inner: { type: 'u32', value: inner },
  size: { type: 'u32', value: size },
});

export const spreadOperands = ({ dtype }: Spread): Record<'k' | 'u', WgslOperand> => ({
  k: { source: { input: 0 }, dtype: 'i32', access: 'read' },
  u: { source: { input: 1 }, dtype, access: 'read' },
});
