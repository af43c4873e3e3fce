import type { UnitOutput } from '../core/store.js';
import type { UnitKind } from '../core/unit.js';
import { attackUnit } from './attack.js';
import { cleanUnit } from './clean.js';
import type { UnitContext } from './context.js';
import { heatMapUnit } from './heatMap.js';
import { imageUnit } from './image.js';
import { noiseUnit } from './noise.js';
import { oracleUnit } from './oracle.js';
import { trainUnit } from './train.js';
import { transferUnit } from './transfer.js';
import { tuneUnit } from './tune.js';

/** What each kind of unit computes. */
export const unitCode: Readonly<Record<UnitKind, (context: UnitContext) => Promise<UnitOutput>>> = {
  image: imageUnit,
  tune: tuneUnit,
  clean: cleanUnit,
  attack: attackUnit,
  noise: noiseUnit,
  transfer: transferUnit,
  oracle: oracleUnit,
  'heat map': heatMapUnit,
  train: trainUnit,
};
