import { scope } from '../../scope.js';
import { sizeOf } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { mul } from '../elementwise/index.js';
import { sum } from '../reduce/index.js';
import { identity, reshape, slice, transpose } from '../view/index.js';
import { matmulBy, promoteOperands } from './matmul.js';
import { parseSubscripts } from './subscripts.js';

/** An operand and the names of its axes, each once. */
interface Term {
  readonly x: Tensor;
  readonly names: readonly string[];
}

/**
 * Einstein summation: products of operands, summed over every name that the result does not have.
 * `'ij,jk->ik'` is the matrix product, `'ii->i'` a diagonal, `'...i,...i'` a batch of dot products (without
 * `->` the result has the names that occur once, in alphabetical order, as NumPy). Nothing is conjugated.
 *
 * More than two operands are contracted in pairs, at each step the pair that shrinks the data most.
 *
 * @throws ArgumentError on bad subscripts; ShapeError on sizes that disagree; DTypeError on integers.
 * @example einsum('chw,c->hw', images, weights)
 */
export function einsum(subscripts: string, ...operands: Tensor[]): Tensor {
  return scope(() => {
    const tensors = promoteOperands('einsum', operands);
    const parsed = parseSubscripts(
      subscripts,
      tensors.map((x) => x.shape),
    );
    let terms = tensors.map((x, i) => takeDiagonals({ x, names: parsed.operands[i]! }));
    while (terms.length > 1) {
      const [i, j] = bestPair(terms, parsed.output);
      const rest = terms.filter((_, k) => k !== i && k !== j);
      const kept = new Set([...parsed.output, ...rest.flatMap((term) => term.names)]);
      terms = [...rest, contract(terms[i]!, terms[j]!, kept)];
    }
    const last = sumAway(terms[0]!, new Set(parsed.output));
    const result = arrange(last, parsed.output);
    return operands.includes(result) ? identity(result) : result;
  });
}

/** x[…, i, …, i, …] → x[…, i, …]: the repeated axes last and flat, every (n + 1)-th element. */
function takeDiagonals({ x, names }: Term): Term {
  const second = names.findIndex((name, axis) => names.indexOf(name) < axis);
  if (second < 0) return { x, names };
  const first = names.indexOf(names[second]!);
  const others = names.flatMap((_, axis) => (axis === first || axis === second ? [] : [axis]));
  const n = x.shape[first]!;
  const square = transpose(x, [...others, first, second]);
  const flat = reshape(square, [...others.map((axis) => x.shape[axis]!), n * n]);
  const diagonal = slice(flat, [...others.map(() => null), [0, n * n, n + 1]]);
  return takeDiagonals({ x: diagonal, names: [...others.map((axis) => names[axis]!), names[first]!] });
}

function sumAway({ x, names }: Term, kept: ReadonlySet<string>): Term {
  const axes = names.flatMap((name, axis) => (kept.has(name) ? [] : [axis]));
  return axes.length === 0
    ? { x, names }
    : { x: sum(x, { axes }), names: names.filter((name) => kept.has(name)) };
}

const arrange = ({ x, names }: Term, order: readonly string[]): Tensor =>
  names.every((name, i) => name === order[i])
    ? x
    : transpose(
        x,
        order.map((name) => names.indexOf(name)),
      );

/** The pair whose contraction removes most elements. */
function bestPair(terms: readonly Term[], output: readonly string[]): [number, number] {
  let best: [number, number] = [0, 1];
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < terms.length; i++)
    for (let j = i + 1; j < terms.length; j++) {
      const others = terms.filter((_, k) => k !== i && k !== j).flatMap((term) => term.names);
      const kept = new Set([...output, ...others]);
      const growth = resultSize(terms[i]!, terms[j]!, kept) - terms[i]!.x.size - terms[j]!.x.size;
      if (growth < least) [best, least] = [[i, j], growth];
    }
  return best;
}

function resultSize(a: Term, b: Term, kept: ReadonlySet<string>): number {
  const sizes = new Map<string, number>();
  for (const { x, names } of [a, b])
    names.forEach((name, axis) => {
      if (kept.has(name)) sizes.set(name, Math.max(sizes.get(name) ?? 1, x.shape[axis]!));
    });
  return sizeOf([...sizes.values()]);
}

/** One product of two operands: a batched matmul, or an element-wise product where no matrix has two axes. */
function contract(first: Term, second: Term, kept: ReadonlySet<string>): Term {
  const a = sumAway(first, new Set([...kept, ...second.names]));
  const b = sumAway(second, new Set([...kept, ...first.names]));
  const shared = a.names.filter((name) => b.names.includes(name));
  const batch = shared.filter((name) => kept.has(name));
  const summed = shared.filter((name) => !kept.has(name));
  const rows = a.names.filter((name) => !shared.includes(name));
  const columns = b.names.filter((name) => !shared.includes(name));
  const names = [...batch, ...rows, ...columns];
  const size = (term: Term, list: readonly string[]) =>
    list.map((name) => term.x.shape[term.names.indexOf(name)]!);
  if (rows.length + columns.length === 0 || summed.length === 0) {
    const shapeOf = (term: Term, order: readonly string[]) =>
      order.map((name) => (term.names.includes(name) ? size(term, [name])[0]! : 1));
    const all = [...names, ...summed];
    const [left, right] = [a, b].map((term) =>
      reshape(
        arrange(
          term,
          all.filter((name) => term.names.includes(name)),
        ),
        shapeOf(term, all),
      ),
    ) as [Tensor, Tensor];
    return sumAway({ x: mul(left, right), names: all }, kept);
  }
  const grouped = (term: Term, ...groups: string[][]) =>
    mergeAxes(
      arrange(term, groups.flat()),
      groups.map((group) => group.length),
    );
  const left = grouped(a, ...batch.map((name) => [name]), rows, summed);
  const right = grouped(b, ...batch.map((name) => [name]), summed, columns);
  const product = matmulBy(left, right, {});
  const batchShape = product.shape.slice(0, batch.length);
  return { x: reshape(product, [...batchShape, ...size(a, rows), ...size(b, columns)]), names };
}

/** Merges runs of neighbouring axes of the given lengths; a run of none becomes an axis of size 1. */
function mergeAxes(x: Tensor, lengths: readonly number[]): Tensor {
  if (lengths.every((length) => length === 1)) return x;
  let axis = 0;
  return reshape(
    x,
    lengths.map((length) => sizeOf(x.shape.slice(axis, (axis += length)))),
  );
}
