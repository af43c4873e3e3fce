import { maxWords } from '../backend.js';
import type { WgslStep } from './plan.js';

/** to[at + k] = words[k]: how the host changes memory in the order of the commands. */
export const writeWordsStep: WgslStep = {
  name: 'writeWords',
  source: `// to[at + k] = words[k], k < count; the words come with the parameters
struct Parameters { at: u32, count: u32, words: array<vec4u, ${maxWords / 4}> }
@group(0) @binding(0) var<storage, read_write> to: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) k: u32) {
  if (k < p.count) { to[p.at + k] = p.words[k >> 2u][k & 3u]; }
}`,
  groups: 1,
  bindings: [{ source: { output: 0 }, writes: true }],
  // more than an immediate takes: always in the uniform buffer
  words: Array.from({ length: 4 + maxWords }, () => ({ type: 'u32', value: 0 })),
};
