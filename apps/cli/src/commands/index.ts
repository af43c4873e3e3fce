import type { Command } from '../command.js';
import { convertCommand } from './convert.js';
import { espiritCommand } from './espirit.js';
import { infoCommand } from './info.js';
import { maskCommand } from './mask.js';
import { metricsCommand } from './metrics.js';
import { reconCommand } from './recon.js';
import { simulateCommand } from './simulate.js';
import { tuneCommand } from './tune.js';
import { viewCommand } from './view.js';

/** In the order of their use. */
export const commands: readonly Command[] = [
  infoCommand,
  simulateCommand,
  maskCommand,
  espiritCommand,
  reconCommand,
  tuneCommand,
  metricsCommand,
  viewCommand,
  convertCommand,
];
