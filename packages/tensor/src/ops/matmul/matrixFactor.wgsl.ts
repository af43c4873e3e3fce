import type { WgslOperand, WgslWord } from '../../backend/webgpu/plan.js';
import { type Factor, u32Words } from './product.wgsl.js';

/** A batch of matrices in memory; steps count elements. */
export interface Matrices {
  readonly operand: WgslOperand;
  /** From one line (row of the left factor, column of the right one) to the next. */
  readonly lineStep: number;
  /** From one step of the sum to the next. */
  readonly sumStep: number;
  /** From one matrix of the batch to the next, or a table with the places of both factors' matrices, in pairs. */
  readonly units: number | { readonly table: number; readonly part: number };
  readonly conjugate?: boolean;
}

/** A factor of a product that is a strided matrix in memory, and the words it reads. */
export function matrixFactor(
  side: 'left' | 'right',
  matrices: Matrices,
): Factor & { words: Record<string, WgslWord> } {
  const { operand, lineStep, sumStep, units, conjugate = false } = matrices;
  const [name, lines] = side === 'left' ? ['Left', 'rows'] : ['Right', 'columns'];
  const complex = operand.dtype === 'c64';
  const start =
    typeof units === 'number'
      ? `unit * p.${side}Unit`
      : `bitcast<u32>(load_units(2u * unit + ${units.part}u))`;
  const declarations = `alias ${name}Place = vec4u;
fn place${name}(${lines}: vec4u, unit: u32) -> ${name}Place {
  return ${start} + ${lines} * p.${side}Line;
}
fn load${name}(place: ${name}Place, k: u32) -> Quad {
  let at = place + k * p.${side}Sum;
${complex ? complexQuad(side) : realQuad(side)}
}`;
  const sign: Record<string, WgslWord> = complex
    ? { [`${side}Sign`]: { type: 'f32', value: conjugate ? -1 : 1 } }
    : {};
  return {
    operands: {
      [side]: operand,
      ...(typeof units === 'number'
        ? {}
        : { units: { source: { table: units.table }, dtype: 'i32', access: 'read' } as const }),
    },
    declarations,
    along: Math.abs(sumStep) < Math.abs(lineStep) ? 'sum' : 'lines',
    words: {
      ...u32Words({ [`${side}Line`]: lineStep, [`${side}Sum`]: sumStep }),
      ...(typeof units === 'number' ? u32Words({ [`${side}Unit`]: units }) : {}),
      ...sign,
    },
  };
}

const realQuad = (side: string): string =>
  `  return vec4f(${['x', 'y', 'z', 'w'].map((lane) => `load_${side}(at.${lane})`).join(', ')});`;

const complexQuad = (side: string): string => `  let x = load_${side}(at.x);
  let y = load_${side}(at.y);
  let z = load_${side}(at.z);
  let w = load_${side}(at.w);
  return Quad(vec4f(x.x, y.x, z.x, w.x), p.${side}Sign * vec4f(x.y, y.y, z.y, w.y));`;
