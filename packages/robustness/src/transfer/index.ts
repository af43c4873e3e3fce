export {
  type TransferMatrix,
  type TransferOptions,
  type TransferRow,
  transferMatrix,
} from './transferMatrix.js';
