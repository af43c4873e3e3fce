export type { Command, Example, Report } from './command.js';
export { allOptions, commonOptions } from './command.js';
export { commands } from './commands/index.js';
export { headOf, noteOf, usageOf, wrap } from './help.js';
export type { Option, Options } from './option.js';
export { run, type Surroundings } from './run.js';
