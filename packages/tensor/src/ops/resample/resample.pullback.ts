import { type Primitive, type Pullback, primitive } from '../row.js';
import { type AxisMapAttrs, axisMap, axisMapOp } from './axisMap.js';

/** y = M x with real M: x̄ = Mᵀ ȳ. */
const axisMapPullback: Pullback<AxisMapAttrs> = ([yBar], { attrs }) => [
  yBar && axisMap(yBar, attrs.matrix.transposed, { axis: attrs.axis }),
];

export const resamplePrimitives: Primitive[] = [primitive({ op: axisMapOp, pullback: axisMapPullback })];
