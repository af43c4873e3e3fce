/** Prints the result hashes of the deterministic wasm device as JSON: run by different versions of Node. */
import { createDevice } from '@adjoint/tensor';
import { resultHashes } from '../ops/resultHashes.js';

const device = await createDevice({ device: 'wasm', deterministic: true });
process.stdout.write(JSON.stringify(await resultHashes(device)));
