import { type Tensor, tensor } from '@adjoint/tensor';

/** A real tensor in double precision. */
export const f64 = (data: number | number[]): Tensor => tensor(data, { dtype: 'f64' });

/** A complex tensor in double precision, from interleaved re, im. */
export const c128 = (parts: number[], shape?: number[]): Tensor =>
  tensor(new Float64Array(parts), { dtype: 'c128', shape });

/** The values of a tensor as a plain array. */
export const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];
