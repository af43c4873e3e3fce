export {
  type BudgetUnit,
  budgetUnits,
  convertBudget,
  type SignalSize,
  signalSize,
} from './convertBudget.js';
