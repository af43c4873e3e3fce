import { checkChoice, NumericalError } from '@adjoint/tensor';
import { fractionColumns } from './equispacedMask.js';
import {
  checkLineOptions,
  checkRoom,
  firstCentreColumn,
  freshSeed,
  type LineMaskOptions,
  type LinePlan,
  lineMask,
} from './lineMask.js';
import type { Mask } from './mask.js';
import type { NumpyRandom } from './numpyRandom.js';
import { randomColumns } from './randomMask.js';
import { roundHalfEven } from './roundHalfEven.js';
import { middleColumns, zeroOutside } from './zeroOutside.js';

export interface StudyMaskOptions extends Omit<LineMaskOptions, 'acceleration' | 'centerFraction'> {
  /** Default 4. */
  readonly acceleration?: number | undefined;
  /** Default 0.07. */
  readonly centerFraction?: number | undefined;
  /** Default 'random', as for knees; brains take 'equispaced_fraction'. */
  readonly type?: 'random' | 'equispaced_fraction' | undefined;
  /** `corrected` (default): an exact number of columns. `faithful`: redraws, as the published code does. */
  readonly mode?: 'corrected' | 'faithful' | undefined;
  /** The middle columns in which the scanner measured; outside them the mask is 0. Default: all. fastMRI: 320. */
  readonly acquiredColumns?: number | undefined;
}

const mostDraws = 10_000;
/** The published code takes masks of acceleration 3.97 to 4.03. */
const tolerance = 0.03 / 4;

/**
 * The masks of the robustness study.
 *
 * `corrected`: exactly round(n/R) of the n acquired columns, the centre among them; the others are drawn without
 * replacement ('random'), or lie at equal distances from a random offset ('equispaced_fraction').
 *
 * `faithful`: masks as `randomMask` or `equispacedFractionMask` makes them are drawn, one after the other from one
 * generator, until W over the number of columns lies within 0.75 % of R (3.97 to 4.03); then columns outside the
 * acquired ones are set to 0, so that fewer than W/R remain. Source: Darestani, Chaudhari, Heckel, ICML 2021, code.
 *
 * @returns a mask of shape [W]
 * @throws NumericalError (faithful) if 10,000 draws give none: some widths have no such mask
 * @throws ArgumentError for options out of range, or a centre that takes all columns there may be
 */
export function studyMask(options: StudyMaskOptions): Mask {
  const fn = 'studyMask';
  checkLineOptions(fn, options, ['type', 'mode', 'acquiredColumns']);
  const { acceleration = 4, centerFraction = 0.07, mode = 'corrected', seed = freshSeed() } = options;
  const { type = 'random', acquiredColumns = options.width, width } = options;
  const line: LineMaskOptions = { width, acceleration, centerFraction, seed };
  checkChoice(fn, 'option type', type, ['random', 'equispaced_fraction']);
  checkChoice(fn, 'option mode', mode, ['corrected', 'faithful']);
  const draw = mode === 'corrected' ? exactColumns : acceptedColumns;
  const mask = lineMask(fn, line, (plan, random) => {
    checkRoom(fn, plan);
    const acquired = middleColumns(fn, plan.width, acquiredColumns);
    return { plan, columns: draw(fn, plan, random, type, acquired) };
  });
  return zeroOutside(mask, ...middleColumns(fn, width, acquiredColumns));
}

type StudyType = NonNullable<StudyMaskOptions['type']>;

/** The outer columns of a mask with exactly round(n/R) columns in [first, end). */
function exactColumns(
  fn: string,
  plan: LinePlan,
  random: NumpyRandom,
  type: StudyType,
  [first, end]: readonly [number, number],
): number[] {
  const { acceleration, numLowFrequencies } = plan;
  checkRoom(fn, { ...plan, width: end - first });
  const centre = firstCentreColumn(plan.width, numLowFrequencies);
  const outer: number[] = [];
  for (let column = first; column < end; column++)
    if (column < centre || column >= centre + numLowFrequencies) outer.push(column);
  const count = roundHalfEven((end - first) / acceleration) - numLowFrequencies;
  if (type === 'random') return random.choice(outer.length, count, { replace: false }).map((i) => outer[i]!);
  const offset = random.random();
  return Array.from({ length: count }, (_, k) => outer[Math.floor(((k + offset) * outer.length) / count)]!);
}

/** The outer columns of the first mask drawn whose acceleration is near enough to R. */
function acceptedColumns(fn: string, plan: LinePlan, random: NumpyRandom, type: StudyType): number[] {
  const { width, acceleration, numLowFrequencies } = plan;
  const centre = firstCentreColumn(width, numLowFrequencies);
  const isOuter = (column: number) => column < centre || column >= centre + numLowFrequencies;
  for (let draw = 0; draw < mostDraws; draw++) {
    const columns = [...(type === 'random' ? randomColumns(plan, random) : fractionColumns(plan, random))];
    const count = numLowFrequencies + columns.filter(isOuter).length;
    if (Math.abs(width / count / acceleration - 1) <= tolerance) return columns;
  }
  throw new NumericalError({
    fn,
    argument: 'option width',
    expected: `one of which ${acceleration} ± ${acceleration * tolerance} is an acceleration`,
    got: `${width}: none in ${mostDraws} draws`,
    remedy: 'Take mode corrected, or another width or type.',
  });
}
