/** Settings and output of tests, the same in Node and in a page. */

/** A variable of the environment; pages get those that start with `ADJOINT_` or are `CI`, through the configuration. */
export const setting = (name: string): string | undefined =>
  globalThis.process?.env?.[name] ??
  (import.meta as { env?: Record<string, string | undefined> }).env?.[name];

/** Whether this is a page and not Node. */
export const isPage = typeof document !== 'undefined';

/** A line for whoever reads the test's output. */
export const print = (line: string): void => {
  if (isPage) console.log(line);
  else process.stdout.write(`${line}\n`);
};
