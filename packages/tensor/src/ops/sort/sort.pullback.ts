import { type Primitive, primitive } from '../row.js';
import { argsortOp } from './argsort.js';

/** Gradients of sorted values go through gather. */
export const sortPrimitives: Primitive[] = [primitive({ op: argsortOp, why: 'integer result' })];
