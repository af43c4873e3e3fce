import { ArgumentError } from '@adjoint/tensor';
import type { StudySettings } from '../options.js';
import type { Profile } from '../plan/profiles.js';
import { builtinData } from './builtinData.js';
import { familyData } from './familyData.js';
import { fastmriFolder } from './fastmriFolder.js';
import { givenData } from './givenData.js';
import type { PlannedData } from './plannedData.js';

/**
 * The images of a study: those of the profile, or those that were asked for, with the profile's for tuning where they
 * bring none.
 *
 * @throws ArgumentError for names that are not unique, or nothing to test on
 */
export async function planData(
  { data, out, seed }: Pick<StudySettings, 'data' | 'out' | 'seed'>,
  profile: Profile,
): Promise<PlannedData[]> {
  const acquisition = { ...profile.acquisition, seed };
  const builtin = [
    ...builtinData(profile.builtin, acquisition),
    ...familyData(profile.families, acquisition),
  ];
  if (data.length === 0) return builtin;
  const given: PlannedData[] = [];
  for (const item of data)
    given.push(
      typeof item === 'string'
        ? await fastmriFolder(item, profile.imagesPerFolder)
        : await givenData(item, out),
    );
  checkNames(given);
  const bringsTuning = given.some(({ images }) => images.some(({ use }) => use === 'tune'));
  return bringsTuning ? given : [...given, ...builtin.flatMap(onlyTuning)];
}

function onlyTuning({ about, images }: PlannedData): PlannedData[] {
  const tuned = images.filter(({ use }) => use === 'tune');
  return tuned.length > 0 ? [{ about, images: tuned }] : [];
}

function checkNames(given: readonly PlannedData[]): void {
  const names = given.flatMap(({ images }) => images.map(({ name }) => name));
  const sets = given.map(({ about }) => about.name);
  const twice = [...names, ...sets.map((set) => `${set} (a data set)`)].find(
    (name, i, all) => all.indexOf(name) !== i,
  );
  const refuse = (expected: string, got: string): never => {
    throw new ArgumentError({ fn: 'runStudy', argument: 'option data', expected, got });
  };
  if (twice !== undefined) refuse('of images and data sets with different names', `${twice} twice`);
  if (!given.some(({ images }) => images.some(({ use }) => use === 'test')))
    refuse('data with images to test on', 'images to tune on only');
}
