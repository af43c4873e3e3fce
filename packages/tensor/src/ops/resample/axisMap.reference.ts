import { dtypeInfo } from '../../dtype.js';
import type { ReferenceKernel } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { AxisMapAttrs } from './axisMap.js';

export const axisMapReference: ReferenceKernel<AxisMapAttrs> = ([x], [y], { axis, matrix }) => {
  const { rows, columns, rowStart, index, weight } = matrix;
  const outer = sizeOf(x!.shape.slice(0, axis));
  const inner = sizeOf(x!.shape.slice(axis + 1)) * dtypeInfo[x!.dtype].parts;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < rows; i++)
      for (let r = 0; r < inner; r++) {
        let sum = 0;
        for (let e = rowStart[i]!; e < rowStart[i + 1]!; e++)
          sum += weight[e]! * x!.data[(o * columns + index[e]!) * inner + r]!;
        y!.data[(o * rows + i) * inner + r] = sum;
      }
};
