// Random compiled programs, many more than in the quick suite.
import { backends } from '../backend/devices.js';
import { graphTests } from '../jit/graphs.js';

// on a software GPU most of the time goes into compiling some dozens of kernels for each
const counts: Record<string, number> = { wasm: 2000, webgpu: 24 };

for (const choice of backends) if (choice.name in counts) graphTests(choice, counts[choice.name]!);
