import type { SectionOf } from '../context.js';
import { acquisition } from './acquisition.js';
import { attacks } from './attacks.js';
import { claims } from './claims.js';
import { constants } from './constants.js';
import { curves } from './curves.js';
import { failures } from './failures.js';
import { features } from './features.js';
import { oracles } from './oracles.js';
import { quality } from './quality.js';
import { seeds } from './seeds.js';
import { strips } from './strips.js';
import { summary } from './summary.js';
import { training } from './training.js';
import { transfer } from './transfer.js';

/** The parts of the page in the order of reading: what came out, how far to trust it, where it comes from. */
export const sections: readonly SectionOf[] = [
  summary,
  claims,
  curves,
  transfer,
  strips,
  attacks,
  oracles,
  quality,
  seeds,
  features,
  training,
  acquisition,
  constants,
  failures,
];
