/** Whether this is Node (or something that looks like it), not a page. */
export const isNode = typeof process !== 'undefined' && typeof process.versions?.node === 'string';

/** Imports a Node module by a name bundlers do not follow, so that pages never load it. */
export const nodeModule = <T>(name: string): Promise<T> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ name);
