import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import { pad, slice, type TensorType } from '@adjoint/tensor';

/**
 * From images whose sides are multiples of a number to those of a given type, their first rows and columns; the adjoint fills
 * with 0. Undefined where the sides are multiples already.
 * @internal
 */
export function cropOperator({ shape, dtype }: TensorType, multiple: number): LinearOperator | undefined {
  const [height, width] = shape.slice(-2) as [number, number];
  const [rows, columns] = [height, width].map((n) => multiple * Math.ceil(n / multiple)) as [number, number];
  if (rows === height && columns === width) return undefined;
  const lead = shape.slice(0, -2);
  return linearOperator({
    name: 'crop',
    domain: { shape: [...lead, rows, columns], dtype },
    range: { shape, dtype },
    apply: (x) => slice(x, [...lead.map(() => null), [0, height], [0, width]]),
    adjoint: (y) => pad(y, [...lead.map(() => [0, 0] as const), [0, rows - height], [0, columns - width]]),
  });
}
