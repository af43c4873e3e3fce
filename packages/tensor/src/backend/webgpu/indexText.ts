import type { Shape } from '../../shape.js';

/** Axes of a shape merged where every operand steps through them as if they were one. */
interface MergedAxes {
  readonly dims: readonly number[];
  /** By operand, along `dims`. */
  readonly strides: readonly (readonly number[])[];
}

function mergeAxes(shape: Shape, operands: readonly (readonly number[])[]): MergedAxes {
  const dims: number[] = [];
  const strides: number[][] = operands.map(() => []);
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = dims.length - 1;
    const merges = last >= 0 && operands.every((from, k) => strides[k]![last] === from[axis]! * n);
    if (merges) dims[last]! *= n;
    else dims.push(n);
    operands.forEach((from, k) => {
      strides[k]![dims.length - 1] = from[axis]!;
    });
  });
  return { dims, strides };
}

/** WGSL of a length or a step, u32: a constant, or a parameter. */
export type NumberText = (value: number) => string;

/**
 * WGSL that finds where element `i` (row-major in the shape) of each operand lies, in elements from its
 * first: statements, and one expression per operand.
 *
 * @param number writes what differs from 0 and 1; unsigned arithmetic wraps, so a negative step is one of
 *   almost 2³².
 */
export function indexText(
  shape: Shape,
  operands: readonly (readonly number[])[],
  i: string,
  number: NumberText,
): { readonly statements: readonly string[]; readonly places: readonly string[] } {
  const { dims, strides } = mergeAxes(shape, operands);
  const isUsed = dims.map((_, axis) => strides.some((steps) => steps[axis] !== 0));
  const first = isUsed.indexOf(true);
  const statements: string[] = [];
  const coordinates: string[] = [];
  let rest = i;
  for (let axis = dims.length - 1; axis >= 0 && first >= 0 && axis >= first; axis--) {
    if (axis === 0) {
      coordinates[0] = rest;
      break;
    }
    const [next, here] = [`rest${axis}`, `at${axis}`];
    const n = number(dims[axis]!);
    if (isUsed[axis]) statements.push(`let ${here} = ${rest} % ${n};`);
    if (axis > first) statements.push(`let ${next} = ${rest} / ${n};`);
    coordinates[axis] = here;
    rest = next;
  }
  const places = strides.map((steps) => {
    const terms = steps.flatMap((step, axis) =>
      step === 0 ? [] : [step === 1 ? coordinates[axis]! : `${coordinates[axis]} * ${number(step)}`],
    );
    return terms.length > 0 ? terms.join(' + ') : '0u';
  });
  return { statements, places };
}
