import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslStep } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import type { Product } from './product.wgsl.js';
import type { ProductSizes } from './tile.wgsl.js';
import { quadType } from './tileText.wgsl.js';

const workgroupSize = 64;
/** Steps of the sum up to which an invocation takes them alone. */
const mostSteps = 128;

/** Whether matrices are so small or so thin, and their sums so short, that most of a tile would stay empty. */
export const isThin = ({ rows, columns, depth }: ProductSizes): boolean =>
  depth <= mostSteps && (Math.min(rows, columns) <= 4 || Math.max(rows, columns) <= 8);

const lanes = ['x', 'y', 'z', 'w'] as const;

/** The product of small matrices, as in a batch of them or in a convolution of each channel by itself. */
export function quadStep<A>(call: KernelCall<A>, product: Product): WgslStep {
  const { rows, columns, units, left, right, result, complex } = product;
  const rowLanes = lanes.slice(0, rows === 1 ? 1 : 4);
  const [rowQuads, columnQuads] = [Math.ceil(rows / 4), Math.ceil(columns / 4)];
  return wgslStep(call, {
    name: `${product.name}/small`,
    about: `${product.about}
An invocation adds up ${rowLanes.length} x 4 results of small matrices, straight from memory. One pass.`,
    operands: { ...left.operands, ...right.operands, result: result.operand },
    words: {
      ...product.words,
      rowQuads: { type: 'u32', value: rowQuads },
      columnQuads: { type: 'u32', value: columnQuads },
      rowStep: { type: 'u32', value: result.rowStep },
    },
    workgroupSize,
    groups: Math.ceil((rowQuads * columnQuads * units) / workgroupSize),
    declarations: `${quadType(complex)}
${left.declarations}
${right.declarations}
${result.declarations}
fn put(row: u32, columns: vec4u, unit: u32, values: Quad) {
  if (row >= p.rows) { return; }
${lanes.map((lane) => storeText(lane, complex)).join('\n')}
}`,
    body: `let quad = group * ${workgroupSize}u + local;
let line = quad / p.columnQuads;
let unit = line / p.rowQuads;
// neighbours load neighbouring columns
let columns = quad % p.columnQuads + p.columnQuads * vec4u(0u, 1u, 2u, 3u);
let rows = line % p.rowQuads + p.rowQuads * vec4u(0u, 1u, 2u, 3u);
if (unit < p.units) {
  let left = placeLeft(min(rows, vec4u(p.rows - 1u)), unit);
  let right = placeRight(min(columns, vec4u(p.columns - 1u)), unit);
${rowLanes.map((row) => `  var sums_${row} = Quad();`).join('\n')}
  for (var k = 0u; k < p.depth; k++) {
    let a = loadLeft(left, k);
    let b = loadRight(right, k);
${rowLanes.map((row) => addText(row, complex)).join('\n')}
  }
${rowLanes.map((row) => `  put(rows.${row}, columns, unit, sums_${row});`).join('\n')}
}`,
  });
}

const addText = (row: string, complex: boolean): string =>
  complex
    ? `    sums_${row}.re += a.re.${row} * b.re - a.im.${row} * b.im;
    sums_${row}.im += a.re.${row} * b.im + a.im.${row} * b.re;`
    : `    sums_${row} += a.${row} * b;`;

function storeText(column: string, complex: boolean): string {
  const value = complex ? `vec2f(values.re.${column}, values.im.${column})` : `values.${column}`;
  const at = `placeResult(columns.${column}, unit) + row * p.rowStep`;
  return `  if (columns.${column} < p.columns) { store_result(${at}, ${value}); }`;
}
