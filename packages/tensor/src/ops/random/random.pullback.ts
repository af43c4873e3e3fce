import { type Primitive, primitive } from '../row.js';
import { distributionOps } from './distributions.js';

/** Draws have no derivative; each says why. */
export const randomPrimitives: Primitive[] = distributionOps.map(({ op, why }) =>
  primitive({ op, why: why! }),
);
