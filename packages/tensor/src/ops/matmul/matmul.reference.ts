import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { batchOffsets } from './batch.js';
import type { MatmulAttrs } from './matmul.js';

/** C[…, i, j] = Σ_k op(A)[…, i, k] op(B)[…, k, j], entry by entry. */
export function matmulReference(
  [a, b]: readonly HostValue[],
  [c]: readonly HostValue[],
  { transposeA, transposeB, conjA, conjB }: MatmulAttrs,
): void {
  const { parts } = dtypeInfo[c!.dtype];
  const batchShape = c!.shape.slice(0, -2);
  const [m, n] = c!.shape.slice(-2) as [number, number];
  const inner = a!.shape.at(transposeA ? -2 : -1)!;
  const leftAt = batchOffsets(batchShape, a!.shape, contiguousStrides(a!.shape));
  const rightAt = batchOffsets(batchShape, b!.shape, contiguousStrides(b!.shape));
  for (let batch = 0; batch < sizeOf(batchShape); batch++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let re = 0;
        let im = 0;
        for (let k = 0; k < inner; k++) {
          const left = (leftAt[batch]! + (transposeA ? k * m + i : i * inner + k)) * parts;
          const right = (rightAt[batch]! + (transposeB ? j * inner + k : k * n + j)) * parts;
          const [ar, br] = [a!.data[left]!, b!.data[right]!];
          if (parts === 1) re += ar * br;
          else {
            const ai = conjA ? -a!.data[left + 1]! : a!.data[left + 1]!;
            const bi = conjB ? -b!.data[right + 1]! : b!.data[right + 1]!;
            re += ar * br - ai * bi;
            im += ar * bi + ai * br;
          }
        }
        const at = ((batch * m + i) * n + j) * parts;
        c!.data[at] = re;
        if (parts === 2) c!.data[at + 1] = im;
      }
}
