import type { Tensor } from '@adjoint/tensor';
import type { Draws } from '../draws.js';
import { Canvas, coverage } from './canvas.js';
import { type Family, type FamilyOptions, familyImages } from './family.js';
import {
  capsule,
  ellipse,
  intersection,
  layer,
  mirrored,
  type Region,
  scaled,
  union,
  without,
} from './region.js';
import { drawsPerWave, drawWaves, sampleWaves, type Waves } from './waves.js';

export type BrainContrast = 't1' | 't2';
export type BrainOptions = FamilyOptions<BrainContrast>;

interface Tissues {
  readonly fat: number;
  readonly muscle: number;
  readonly bone: number;
  readonly fluid: number;
  readonly grey: number;
  readonly white: number;
}

const tissuesOf: Record<BrainContrast, Tissues> = {
  t1: { fat: 1, muscle: 0.4, bone: 0.06, fluid: 0.12, grey: 0.5, white: 0.78 },
  t2: { fat: 0.55, muscle: 0.25, bone: 0.05, fluid: 1, grey: 0.56, white: 0.4 },
};

interface Anatomy {
  readonly length: number;
  readonly breadth: number;
  readonly tilt: number;
  readonly scalp: number;
  readonly skull: number;
  /** Of the subarachnoid space. */
  readonly gap: number;
  readonly ventricles: number;
  readonly lean: number;
  readonly fold: number;
  readonly contrast: number;
  readonly bending: readonly [Waves, Waves];
  /** Finer bends of what lies inside. */
  readonly wobble: readonly [Waves, Waves];
  readonly folds: Waves;
  readonly texture: Waves;
}

const waveCounts = { bending: 6, wobble: 10, folds: 48, texture: 40 };

function draw(random: Draws): Anatomy {
  return {
    length: random.between(0.4, 0.44),
    breadth: random.between(0.32, 0.36),
    tilt: random.between(-0.06, 0.06),
    scalp: random.between(0.014, 0.026),
    skull: random.between(0.014, 0.022),
    gap: random.between(0.004, 0.012),
    ventricles: random.between(0.75, 1.35),
    lean: random.between(-0.1, 0.1),
    fold: random.between(0.85, 1.15),
    contrast: random.between(0.85, 1.15),
    bending: [
      drawWaves(random, { count: waveCounts.bending, from: 1, to: 2.5 }),
      drawWaves(random, { count: waveCounts.bending, from: 1, to: 2.5 }),
    ],
    wobble: [
      drawWaves(random, { count: waveCounts.wobble, from: 3, to: 7 }),
      drawWaves(random, { count: waveCounts.wobble, from: 3, to: 7 }),
    ],
    folds: drawWaves(random, { count: waveCounts.folds, from: 9, to: 15 }),
    texture: drawWaves(random, { count: waveCounts.texture, from: 4, to: 40 }),
  };
}

function paint(anatomy: Anatomy, contrast: BrainContrast, pixels: number, z: number): Float64Array {
  const canvas = new Canvas(pixels);
  const tissues = tissuesOf[contrast];
  bend(canvas, anatomy.bending, 0.005, z);
  // towards the top of the head (z = 1) everything shrinks
  const shrink = Math.sqrt(1 - 0.12 * (z + 0.3) * (z + 0.3));
  const head = ellipse(
    0.005,
    0,
    anatomy.length * shrink,
    anatomy.breadth * shrink,
    Math.PI / 2 + anatomy.tilt,
  );
  const brain = paintSkull(canvas, head, anatomy, tissues);
  paintCortex(canvas, brain, anatomy, tissues, z);
  bend(canvas, anatomy.wobble, 0.004, z);
  const size = (shrink * anatomy.length) / 0.42;
  paintCore(canvas, { ...anatomy, ventricles: anatomy.ventricles * (1 - 0.2 * z) }, tissues, size);
  paintClefts(canvas, brain, anatomy, tissues, size);
  const texture = sampleWaves(anatomy.texture, canvas.axis, z);
  canvas.shade((_y, _x, i) => 1 + 0.025 * texture[i]!);
  return canvas.values;
}

function bend(canvas: Canvas, [rows, columns]: readonly [Waves, Waves], amount: number, z: number): void {
  const shift = (waves: Waves): Float64Array => sampleWaves(waves, canvas.axis, z).map((v) => amount * v);
  canvas.warp(shift(rows), shift(columns));
}

/** Skin, fat, bone with its marrow, fluid; returns the region of the brain. */
function paintSkull(canvas: Canvas, head: Region, { scalp, skull, gap }: Anatomy, tissues: Tissues): Region {
  canvas.paint(head, tissues.muscle);
  canvas.paint((y, x) => head(y, x) + 0.006, tissues.fat);
  const bone: Region = (y, x) => head(y, x) + scalp;
  canvas.paint(bone, tissues.bone);
  canvas.paint(layer(bone, -0.65 * skull, -0.35 * skull), 0.45 * tissues.fat);
  const inner: Region = (y, x) => bone(y, x) + skull;
  canvas.paint(inner, tissues.fluid);
  return (y, x) => inner(y, x) + gap;
}

/** White matter inside, a grey ribbon along the surface and along the walls of the folds, fluid in the folds. */
function paintCortex(canvas: Canvas, brain: Region, anatomy: Anatomy, tissues: Tissues, z: number): void {
  const { fluid, grey } = tissues;
  const white = grey + anatomy.contrast * (tissues.white - grey);
  const folds = sampleWaves(anatomy.folds, canvas.axis, z);
  const depths = canvas.distances(brain);
  const midline = canvas.distances((_y, x) => Math.abs(x - 0.002));
  canvas.paint(brain, (i) => {
    const depth = -depths[i]!;
    // folds close towards the inside: the level at which a place counts as a wall falls with the depth
    const reach = Math.max(0, 1 - depth / (0.1 * anatomy.fold));
    const wall = Math.abs(folds[i]!);
    const open = coverage(wall - 0.25 * reach * anatomy.fold, 0.35) * Math.min(1, 3 * reach);
    const ribbon = Math.max(
      coverage(wall - Math.min(1, 1.7 * reach), 0.35) * Math.min(1, 4 * reach),
      coverage(depth - 0.018, 0.008),
    );
    const near = coverage(midline[i]! - 0.016, 0.01);
    const matter = white + Math.max(ribbon, near) * (grey - white);
    return matter + open * (fluid - matter);
  });
}

/** Deep nuclei and ventricles. */
function paintCore(canvas: Canvas, { ventricles, lean }: Anatomy, tissues: Tissues, size: number): void {
  const { fluid, grey, white } = tissues;
  const both = (region: Region): Region => scaled(union(region, mirrored(region)), size);
  const nucleus = (y: number, x: number, along: number, across: number, tilt: number): Region =>
    both(ellipse(y, x, along, across, Math.PI / 2 - tilt));
  canvas.paint(scaled(ellipse(-0.005, 0, 0.175, 0.062, Math.PI / 2), size), white, 1, 0.02);
  canvas.paint(nucleus(0.02, 0.105, 0.085, 0.03, 0.25 - lean), grey, 0.85, 0.01);
  canvas.paint(nucleus(0.035, 0.04, 0.05, 0.03, 0.5), grey, 0.9, 0.01);
  canvas.paint(nucleus(-0.075, 0.058, 0.05, 0.016, 0.35), grey, 0.9, 0.008);
  canvas.paint(nucleus(-0.07, 0.03 + 0.006 * ventricles, 0.062, 0.014 * ventricles, 0.3 - lean), fluid);
  const back = union(
    ellipse(0.075, 0.058, 0.045, 0.013 * ventricles, Math.PI / 2 - 0.35),
    ellipse(0.125, 0.066, 0.04, 0.007 * ventricles, Math.PI / 2 + 0.15),
    0.015,
  );
  canvas.paint(both(back), fluid);
  canvas.paint(scaled(ellipse(0.03, 0, 0.036, 0.0045 * ventricles, Math.PI / 2), size), fluid);
}

/** What separates the halves, and the frontal from the temporal lobes with the insula at the bottom of it. */
function paintClefts(
  canvas: Canvas,
  brain: Region,
  { lean }: Anatomy,
  { fluid, grey }: Tissues,
  size: number,
): void {
  const fissure = without(capsule(-0.45, 0, 0.45, 0, 0.0035), ellipse(0, 0, 0.19, 0.2, Math.PI / 2));
  canvas.paint(intersection(scaled(fissure, size), brain), fluid);
  const insula = intersection(
    ellipse(0.01, 0.17, 0.06, 0.05, Math.PI / 2),
    layer(ellipse(0.02, 0, 0.105, 0.175, 0), -0.0035, 0.0035),
  );
  const cleft = intersection(
    ellipse(-0.04, 0.235, 0.06, 0.035, lean),
    layer(ellipse(0.12, 0.24, 0.16, 0.16), -0.004, 0.004),
  );
  const one = union(insula, cleft);
  const valley = scaled(union(one, mirrored(one)), size);
  canvas.paint(intersection(layer(valley, -1, 0.014), brain), grey, 0.9, 0.008);
  canvas.paint(intersection(valley, brain), fluid, 0.9);
}

const family: Family<BrainContrast, Anatomy> = {
  name: 'brain',
  contrasts: ['t1', 't2'],
  draws:
    10 +
    drawsPerWave * (2 * (waveCounts.bending + waveCounts.wobble) + waveCounts.folds + waveCounts.texture),
  draw,
  paint,
};

/**
 * Transverse slices through a made-up head, f32 [slices, size, size], values 0 to about 1: scalp, skull, folded
 * cortex, white matter, ventricles and deep nuclei; every subject has other proportions and folds. Contrasts: `t1`
 * (default, fluid dark) and `t2` (fluid bright). Not a model of any person, and far simpler than one.
 *
 * @throws ArgumentError
 * @example const images = await brainPhantom({ subject: 4, slices: 5, size: 256 });
 */
export const brainPhantom = (options: BrainOptions = {}): Promise<Tensor> => familyImages(family, options);
