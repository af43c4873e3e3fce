/**
 * The op table, its samples and the backend checks, as plain data and functions without a test runner: for
 * testing a device or an own backend.
 */
export { type BackendCheck, backendChecks } from './backend/conformance.js';
export type { BadCall, Draw, FunctionRow, InputSample, ValueRule } from './ops/row.js';
export { type Family, families } from './ops/rows.js';
export * from './testing/badCalls.js';
export * from './testing/checkRow.js';
export * from './testing/compare.js';
export * from './testing/draw.js';
export * from './testing/values.js';
