export { flip, type Range, slice, split } from './slice.js';
export {
  contiguous,
  expand,
  identity,
  moveAxis,
  reshape,
  squeeze,
  stopGradient,
  swapAxes,
  transpose,
  unsqueeze,
} from './view.js';
