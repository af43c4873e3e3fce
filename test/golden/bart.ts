import { ecalibRun } from './bartEcalib.js';
import { picsIgnored, picsRun } from './bartPics.js';
import { GoldenError } from './h5.js';
import { isProse, type Suite } from './suite.js';

const kinds: Record<string, Suite['plan']> = { ecalib: ecalibRun, pics: picsRun };

/** About the phantom, not about what is computed from it. */
const aboutPhantom = [
  'accel',
  'centre_count',
  'centre_first',
  'coils',
  'h',
  'w',
  'noise',
  'phantom_commands',
];

export const bartSuite: Suite = {
  file: 'bart',
  devices: ['wasm'],
  ignored: (name) => isProse(name) || aboutPhantom.includes(name) || picsIgnored(name),
  plan(group) {
    const [kind] = group.parts;
    if (kind === '') return 'shared';
    const plan = kinds[kind!];
    if (!plan) throw new GoldenError('is not a kind of case this suite knows');
    return plan(group);
  },
};
