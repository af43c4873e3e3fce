import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** A page may share memory between threads only with these headers. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
// WebGPU on the browser's own software adapter, and no traffic of its own.
const args = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
// what the tests' `setting()` finds in a page
const settings = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name === 'CI' || name.startsWith('ADJOINT_')),
) as Record<string, string>;
const executablePath = process.env.ADJOINT_CHROMIUM ?? '/usr/bin/chromium';

/** A page with or without the headers that allow threads. */
const project = (name: string, include: string[], headers: Record<string, string>, port: number) => ({
  resolve: { conditions: ['source', ...defaultClientConditions] },
  oxc: { target: 'es2022' as const },
  server: { headers },
  // a dependency found late would reload the page in the middle of a test: these are all, and none is looked for
  optimizeDeps: { noDiscovery: true, include: ['fast-check', 'fflate', 'h5wasm'] },
  test: {
    name,
    env: settings,
    include,
    testTimeout: 240_000,
    hookTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      api: { host: '127.0.0.1', port },
      provider: playwright({ launchOptions: { executablePath, args } }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
});

// `ADJOINT_PAGES=all` (set by `npm run test:full`) adds the long suites.
const quick = [
  'test/backend/conformance.test.ts',
  'test/backend/order.test.ts',
  'test/browser/{threads,programs}.test.ts',
];
const long = [
  'test/ops/{table,elementwise-accuracy,elementwise-walk}.test.ts',
  'test/jit/{table,graphs}.test.ts',
  'test/browser/golden.test.ts',
];
const isAll = process.env.ADJOINT_PAGES === 'all';

/** The suites of Node that also run in a page, and those only a page can run. */
export default defineConfig({
  test: {
    projects: [
      project('chromium', isAll ? [...quick, ...long] : quick, isolation, 5188),
      project('chromium without isolation', ['test/browser/fallback/*.test.ts'], {}, 5189),
    ],
  },
});
