import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// `ADJOINT_FULL=1` (set by `npm run test:full`) runs the long suites of test/full instead of the quick ones.
const isFull = process.env.ADJOINT_FULL === '1';
// Tests import the packages by name and get their TypeScript sources, so no build is needed.
const conditions = ['source', ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['source'] } },
  // es2022: `using` is down-levelled, because Node 20 cannot parse it.
  oxc: { target: 'es2022' },
  test: {
    include: isFull ? ['test/full/**/*.test.ts'] : ['test/**/*.test.ts'],
    exclude: isFull
      ? ['**/node_modules/**']
      : ['**/node_modules/**', 'test/full/**', 'test/golden/**', 'test/browser/**'],
    environment: 'node',
    pool: 'forks',
    // by default one core stays free
    maxWorkers: '100%',
    // GPU kernels that no cache knows yet compile for seconds
    testTimeout: isFull ? 600_000 : 120_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
