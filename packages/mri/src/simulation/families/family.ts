import { checkChoice, checkInteger, checkOptions, type Tensor, tensor } from '@adjoint/tensor';
import { type Draws, drawsOf, seedKey } from '../draws.js';

export interface FamilyOptions<Contrast extends string> {
  /** Every number is another subject; default 0. */
  readonly subject?: number | undefined;
  readonly contrast?: Contrast | undefined;
  /** Through the same anatomy; default 1, the middle one. */
  readonly slices?: number | undefined;
  /** Pixels along both sides; default 256. The anatomy is given by formulas: any size shows the same. */
  readonly size?: number | undefined;
}

/** How the images of a family are made. */
export interface Family<Contrast extends string, Anatomy> {
  readonly name: string;
  /** The first is the default. */
  readonly contrasts: readonly [Contrast, ...Contrast[]];
  /** Most numbers that `draw` takes. */
  readonly draws: number;
  draw(random: Draws): Anatomy;
  /** size × size values at position z of the slice, -1 to 1. */
  paint(anatomy: Anatomy, contrast: Contrast, size: number, z: number): Float64Array;
}

/** The slices of one subject, f32 [slices, size, size]. */
export async function familyImages<Contrast extends string, Anatomy>(
  family: Family<Contrast, Anatomy>,
  options: FamilyOptions<Contrast>,
): Promise<Tensor> {
  const fn = `${family.name}Phantom`;
  checkOptions(fn, options, ['subject', 'contrast', 'slices', 'size']);
  const subject = checkInteger(fn, 'option subject', options.subject ?? 0, { min: 0 });
  const [usual] = family.contrasts;
  const contrast = checkChoice(fn, 'option contrast', options.contrast ?? usual, family.contrasts);
  const slices = checkInteger(fn, 'option slices', options.slices ?? 1, { min: 1, max: 1000 });
  const size = checkInteger(fn, 'option size', options.size ?? 256, { min: 16, max: 4096 });
  using root = seedKey(subject, family.name);
  const anatomy = family.draw(await drawsOf(root, family.draws));
  const values = new Float32Array(slices * size * size);
  for (let i = 0; i < slices; i++) {
    const z = slices === 1 ? 0 : (2 * i) / (slices - 1) - 1;
    values.set(family.paint(anatomy, contrast, size, z), i * size * size);
  }
  return tensor(values, { shape: [slices, size, size] });
}
