import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { formatShape, type Shape } from '../../shape.js';

/** Axis names of every operand and of the result; axes under an ellipsis are named `…1`, `…2` from the last. */
export interface Subscripts {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const fail = (expected: string, subscripts: unknown, remedy?: string): never => {
  throw new ArgumentError({
    fn: 'einsum',
    argument: 'subscripts',
    expected,
    got: describe(subscripts),
    ...(remedy ? { remedy } : {}),
  });
};

/**
 * Reads `'ij,jk->ik'`, `'...i,i'` and the like against operand shapes.
 *
 * @throws ArgumentError on bad syntax; ShapeError when names and axes or the sizes of a name disagree.
 */
export function parseSubscripts(subscripts: unknown, shapes: readonly Shape[]): Subscripts {
  if (typeof subscripts !== 'string') return fail("a string such as 'ij,jk->ik'", subscripts);
  const [inputs, result, ...more] = subscripts.replaceAll(' ', '').split('->');
  const terms = inputs!.split(',');
  if (
    more.length > 0 ||
    ![...terms, result ?? ''].every((term) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term))
  )
    fail("letters, at most one '...' per operand, commas and one '->'", subscripts);
  if (terms.length !== shapes.length)
    fail(`for ${shapes.length} operand${shapes.length === 1 ? '' : 's'}`, subscripts);
  const operands = terms.map((term, i) => nameAxes(term, shapes[i]!, i));
  checkSizes(operands, shapes);
  const all = operands.flat();
  const broadcast = [...new Set(all.filter(isEllipsis))].sort(
    (a, b) => Number(b.slice(1)) - Number(a.slice(1)),
  );
  if (result === undefined) {
    const once = [...new Set(all)].filter(
      (name) => !isEllipsis(name) && all.indexOf(name) === all.lastIndexOf(name),
    );
    return { operands, output: [...broadcast, ...once.sort()] };
  }
  if (broadcast.length > 0 && !result.includes('...'))
    fail("with '...' in the result too", subscripts, 'Name the axes to be summed.');
  const output = result.split(/(\.\.\.)/).flatMap((part) => (part === '...' ? broadcast : [...part]));
  if (new Set(output).size !== output.length) fail('without repeats in the result', subscripts);
  const foreign = output.find((name) => !all.includes(name));
  if (foreign !== undefined)
    fail(`such that '${foreign}' of the result is an axis of an operand`, subscripts);
  return { operands, output };
}

const isEllipsis = (name: string): boolean => name.startsWith('…');

function nameAxes(term: string, shape: Shape, operand: number): string[] {
  const [before, after] = term.split('...') as [string, string?];
  const named = before.length + (after?.length ?? 0);
  const hidden = shape.length - named;
  if (hidden < 0 || (after === undefined && hidden > 0))
    throw new ShapeError({
      fn: 'einsum',
      argument: `operand ${operand + 1}`,
      expected: `of rank ${named}${after === undefined ? '' : ' or more'} for '${term}'`,
      got: formatShape(shape),
    });
  return [...before, ...Array.from({ length: hidden }, (_, i) => `…${hidden - i}`), ...(after ?? '')];
}

/** One size per name; axes under an ellipsis may also be 1. */
function checkSizes(operands: readonly (readonly string[])[], shapes: readonly Shape[]): void {
  const sizes = new Map<string, number>();
  operands.forEach((names, i) => {
    names.forEach((name, axis) => {
      const size = shapes[i]![axis]!;
      const seen = sizes.get(name);
      if (isEllipsis(name) && (size === 1 || seen === 1 || seen === undefined)) {
        if (seen === undefined || seen === 1) sizes.set(name, size);
        return;
      }
      if (seen !== undefined && seen !== size)
        throw new ShapeError({
          fn: 'einsum',
          argument: `operand ${i + 1}`,
          expected: `of size ${seen} along '${name}', as an axis before it`,
          got: formatShape(shapes[i]!),
        });
      sizes.set(name, size);
    });
  });
}
