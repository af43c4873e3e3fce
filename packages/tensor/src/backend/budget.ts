import { BudgetError } from '../errors.js';

/** The error every backend throws instead of allocating past its budget. */
export const budgetError = (label: string, bytes: number, live: number, budget: number): BudgetError =>
  new BudgetError({
    fn: 'allocate',
    argument: label,
    expected: `within the memory budget of ${budget} bytes`,
    got: `${bytes} bytes with ${live} bytes live`,
    remedy:
      'Dispose tensors (scope, using, dispose), work in smaller batches, or raise init({ memoryBudget }).',
  });
