import { backends } from '../backend/devices.js';
import { setting } from '../environment.js';
import { graphTests } from './graphs.js';

// on a GPU every program is some dozens of kernels to compile
const counts: Record<string, number> = { wasm: 200, webgpu: 4 };

for (const choice of backends)
  if (choice.name in counts) graphTests(choice, Number(setting('ADJOINT_GRAPHS') ?? counts[choice.name]));
