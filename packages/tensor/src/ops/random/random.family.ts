import { type Family, primitive } from '../row.js';
import { distributionOps } from './distributions.js';
import { randomOpRows, randomRows } from './random.cases.js';

/** Counter-based random numbers. */
export const randomFamily: Family = {
  name: 'random',
  primitives: distributionOps.map(({ op, why }) => primitive({ op, why: why! })),
  functions: [...randomOpRows, ...randomRows],
};
