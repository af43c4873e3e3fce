/** A function that kernels can call, and the functions that it calls itself. */
export interface LibraryFunction {
  readonly text: string;
  readonly calls?: readonly string[];
}

/** By name. */
export type Library = Readonly<Record<string, LibraryFunction>>;

/** A number as WGSL; infinities and NaN call `real_of_bits`. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return 'real_of_bits(0x7fc00000u)';
  if (value === Infinity) return 'real_of_bits(0x7f800000u)';
  if (value === -Infinity) return 'real_of_bits(0xff800000u)';
  return Object.is(value, -0) ? '-0f' : `${Math.fround(value)}f`;
}

/** c[0] xⁿ + … + c[n]. */
export const polynomial = (x: string, coefficients: readonly number[]): string =>
  coefficients
    .slice(1)
    .reduce((sum, c) => `(${sum} * ${x} + ${floatLiteral(c)})`, floatLiteral(coefficients[0]!));
