import type { Command } from '../command.js';
import { attackCommand } from './attack.js';
import { convertCommand } from './convert.js';
import { espiritCommand } from './espirit.js';
import { infoCommand } from './info.js';
import { maskCommand } from './mask.js';
import { metricsCommand } from './metrics.js';
import { reconCommand } from './recon.js';
import { simulateCommand } from './simulate.js';
import { studyCommand } from './study.js';
import { trainCommand } from './train.js';
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
  trainCommand,
  attackCommand,
  metricsCommand,
  viewCommand,
  convertCommand,
  studyCommand,
];
