import { runStudy } from '@adjoint/robustness';

// A study in a process of its own, for tests that kill it: its options are the first argument, as JSON.
await runStudy(JSON.parse(process.argv[2]!));
