export * from './attacks/index.js';
export * from './budgets/index.js';
export * from './external/index.js';
export * from './oracles/index.js';
export * from './report/index.js';
export * from './study/index.js';
export * from './transfer/index.js';
