export { einsum } from './einsum.js';
export { matmul } from './matmul.js';
export { dot, outer, vdot } from './products.js';
