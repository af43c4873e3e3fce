import { defineConfig, type Options } from 'tsup';

/** One bundle recipe for every package; `npm run build` writes the declarations with `tsc -b` first. */
export const libraryConfig = (entry: string[], overrides: Options = {}) =>
  defineConfig({
    entry,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    splitting: true,
    sourcemap: true,
    dts: false,
    clean: false,
    external: [/^node:/],
    removeNodeProtocol: false,
    silent: true,
    ...overrides,
  });
