import { BudgetError } from '../errors.js';
import type { Purpose } from './backend.js';

/** The error every backend throws instead of allocating past its budget. */
export const budgetError = (purpose: Purpose, bytes: number, live: number, budget: number): BudgetError =>
  new BudgetError({
    ...purpose,
    expected: `within the memory budget of ${budget} bytes`,
    got: `${bytes} bytes with ${live} bytes live`,
    remedy:
      'Dispose tensors (scope, using, dispose), work in smaller batches, or raise init({ memoryBudget }).',
  });
