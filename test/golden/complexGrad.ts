import { valueAndGrad, vjp } from '@adjoint/autograd';
import type { Tensor } from '@adjoint/tensor';
import { type Inputs, losses, maps } from './complexFormulas.js';
import { GoldenError, type Group } from './h5.js';
import { isProse, place, type Result, type Run, type Suite } from './suite.js';

/** Single precision reaches 1.3e-6 (SSIM of RSS images), 4e-7 otherwise, 2.3e-6 in the cancelling sum of one loss. */
const limit = 1e-5;

/** Datasets of a group whose names start with `prefix`, by the rest of the name. */
function placed(group: Group, prefix: string): Inputs {
  const names = group.datasetNames().filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), place(group.dataset(name))]));
}

/** Value of a real loss and its gradient with respect to every `in_*`. */
function lossCase(group: Group): Run {
  const formula = losses[group.name];
  if (!formula) throw new GoldenError(`no formula is known for the loss "${group.name}"`);
  return () => {
    const constants = placed(group, 'const_');
    const loss = (leaves: Inputs): Tensor => formula({ ...constants, ...leaves });
    const { value, gradient } = valueAndGrad(loss)(placed(group, 'in_'));
    const gradients = Object.entries(gradient).map(
      ([name, got]): Result => ({
        name: `grad_${name}`,
        got,
        expected: group.dataset(`grad_${name}`),
        limit,
      }),
    );
    return [{ name: 'loss', got: value, expected: group.dataset('loss'), limit }, ...gradients];
  };
}

/** Value of a function of one complex array and its vector-Jacobian product with `grad_out`. */
function vjpCase(group: Group): Run | { skip: string } {
  const name = group.has('function') ? group.text('function') : group.name;
  const map = maps[name];
  if (!map) {
    if (group.has('optional') && group.flag('optional'))
      return { skip: `optional in the file, and no "${name}" here` };
    throw new GoldenError(`no formula is known for the function "${name}"`);
  }
  return () => {
    using at = vjp(map, place(group.dataset('in_z')));
    if (group.flag('out_complex') !== ['c64', 'c128'].includes(at.value.dtype))
      throw new GoldenError(`out is ${at.value.dtype}, but out_complex says otherwise`);
    const [gradient] = at.pullback(place(group.dataset('grad_out')));
    return [
      { name: 'out', got: at.value, expected: group.dataset('out'), limit },
      { name: 'grad_z', got: gradient!, expected: group.dataset('grad_z'), limit },
    ];
  };
}

export const complexGradSuite: Suite = {
  file: 'complex_grad',
  ignored: (name) => isProse(name) || name === 'optional',
  plan(group) {
    if (group.parts.length === 2 && group.parts[0] === 'loss') return lossCase(group);
    if (group.parts.length === 2 && group.parts[0] === 'vjp') return vjpCase(group);
    throw new GoldenError('is neither a loss nor a vjp');
  },
};
