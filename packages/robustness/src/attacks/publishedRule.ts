import type { AscentOptions } from './ascend.js';

/** ‖e‖/‖k‖ at the start. */
const startRatio = 1e-4;
const projectionLimit = 100;
const window = 200;

/**
 * Start and end of the published attack on trained networks: from 1e-4 ‖k‖, until more than 100 steps ended on the sphere or 200 steps
 * changed ‖e‖/‖k‖ by less than 0.01, whether or not the sphere was reached.
 *
 * Source: code of Darestani, Chaudhari & Heckel, ICML 2021.
 * @internal
 */
export function publishedRule(epsilon: number): Pick<AscentOptions, 'startRadius' | 'until'> {
  let ratios: number[] = [];
  let projections = 0;
  return {
    startRadius: Math.min(1, startRatio / epsilon),
    until: (reach, step) => {
      if (step === 0) [ratios, projections] = [[], 0];
      ratios.push(reach * epsilon);
      if (reach > 0.99999) projections++;
      if (projections > projectionLimit) return true;
      if (ratios.length < window) return false;
      return ratios.at(-1)! - ratios.shift()! < 0.01;
    },
  };
}
