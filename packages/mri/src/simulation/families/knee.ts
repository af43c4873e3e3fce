import type { Tensor } from '@adjoint/tensor';
import type { Draws } from '../draws.js';
import { Canvas, coverage } from './canvas.js';
import { type Family, type FamilyOptions, familyImages } from './family.js';
import { capsule, ellipse, intersection, layer, type Region, union, without } from './region.js';
import { drawsPerWave, drawWaves, sampleWaves, type Waves } from './waves.js';

export type KneeContrast = 'pd' | 'pdfs';
export type KneeOptions = FamilyOptions<KneeContrast>;

interface Tissues {
  readonly fat: number;
  readonly marrow: number;
  readonly muscle: number;
  readonly cartilage: number;
  readonly fluid: number;
  /** Cortical bone, menisci, ligaments, skin: next to no signal. */
  readonly dark: number;
  /** Places of oedema in the marrow. */
  readonly oedema: number;
}

const tissuesOf: Record<KneeContrast, Tissues> = {
  pd: { fat: 0.95, marrow: 0.72, muscle: 0.36, cartilage: 0.56, fluid: 0.66, dark: 0.07, oedema: 0.5 },
  pdfs: { fat: 0.16, marrow: 0.15, muscle: 0.34, cartilage: 0.68, fluid: 1, dark: 0.05, oedema: 0.6 },
};

interface Spot {
  readonly region: Region;
  readonly isBright: boolean;
}

interface Anatomy {
  readonly width: number;
  readonly fat: number;
  /** Half distance of the condyles, and their sizes. */
  readonly apart: number;
  readonly condyle: readonly [number, number];
  readonly joint: number;
  readonly cartilage: number;
  readonly slope: number;
  /** +1 or -1: on which side the fibula is. */
  readonly side: number;
  readonly bending: readonly [Waves, Waves];
  readonly trabeculae: Waves;
  readonly fibres: Waves;
  readonly streaks: Waves;
  readonly spots: readonly Spot[];
}

const waveCounts = { bending: 8, trabeculae: 48, fibres: 24, streaks: 16 };
const spotCount = 5;

function draw(random: Draws): Anatomy {
  const apart = random.between(0.1, 0.125);
  return {
    width: random.between(0.33, 0.4),
    fat: random.between(0.025, 0.06),
    apart,
    condyle: [random.between(0.095, 0.115), random.between(0.095, 0.115)],
    joint: random.between(0.03, 0.06),
    cartilage: random.between(0.009, 0.016),
    slope: random.between(-0.05, 0.05),
    side: random.chance(0.5) ? 1 : -1,
    bending: [
      drawWaves(random, { count: waveCounts.bending, from: 1, to: 3.5 }),
      drawWaves(random, { count: waveCounts.bending, from: 1, to: 3.5 }),
    ],
    trabeculae: drawWaves(random, { count: waveCounts.trabeculae, from: 20, to: 60 }),
    fibres: drawWaves(random, { count: waveCounts.fibres, from: 12, to: 45, spread: 0.25 }),
    streaks: drawWaves(random, { count: waveCounts.streaks, from: 4, to: 9, spread: 0.3 }),
    spots: Array.from({ length: spotCount }, () => drawSpot(random, apart)),
  };
}

/** A small bright or dark place in the bone, as cysts, oedema and islands of dense bone are. */
function drawSpot(random: Draws, apart: number): Spot {
  const y = random.chance(0.5) ? random.between(-0.12, 0) : random.between(0.12, 0.22);
  const x = random.between(-1.4, 1.4) * apart;
  const [along, across] = [random.between(0.006, 0.028), random.between(0.006, 0.02)];
  return {
    region: ellipse(y, x, along, across, random.between(0, Math.PI)),
    isBright: random.chance(0.7),
  };
}

function paint(anatomy: Anatomy, contrast: KneeContrast, size: number, z: number): Float64Array {
  const canvas = new Canvas(size);
  const tissues = tissuesOf[contrast];
  const [dy, dx] = anatomy.bending.map((waves) =>
    sampleWaves(waves, canvas.axis, z).map((value) => 0.006 * value),
  ) as [Float64Array, Float64Array];
  canvas.warp(dy, dx);
  const bones = bonesOf(anatomy, z);
  paintSoftTissue(canvas, anatomy, tissues, z);
  paintJoint(canvas, anatomy, bones, tissues);
  paintBones(canvas, anatomy, bones, tissues, z);
  paintLigaments(canvas, anatomy, bones, tissues);
  // the leg leaves the coil at both ends of the field of view
  canvas.shade((y) => 1 / (1 + (Math.abs(y) / 0.45) ** 24));
  return canvas.values;
}

interface Bones {
  readonly femur: Region;
  readonly tibia: Region;
  readonly fibula: Region;
}

function bonesOf({ apart, condyle, joint, side, slope }: Anatomy, z: number): Bones {
  // in front of and behind the middle the condyles are smaller and the notch is deeper
  const small = 1 - 0.18 * z * z;
  const [left, right] = condyle.map((radius) => radius * small) as [number, number];
  const bottom = -joint / 2;
  const condyles = union(
    ellipse(bottom - left, -apart, left * 1.12, left),
    ellipse(bottom - right, apart, right * 1.12, right),
    0.03,
  );
  const shaft = capsule(-0.7, 0.02 * slope, -0.17, 0, 0.105);
  const whole = union(condyles, shaft, 0.12);
  const femur = without(whole, ellipse(bottom + 0.005, 0, 0.042, 0.05 + 0.02 * z, Math.PI / 2));
  const top = joint / 2;
  const plateau = union(
    ellipse(top + 0.045, -apart, 0.115, 0.045, slope),
    ellipse(top + 0.045, apart, 0.115, 0.045, slope),
    0.03,
  );
  const spines = union(ellipse(top - 0.004, -0.018, 0.014, 0.02), ellipse(top - 0.002, 0.02, 0.014, 0.018));
  const tibia = union(union(plateau, spines, 0.02), capsule(top + 0.1, 0, 0.7, 0, 0.1), 0.14);
  const fibula = union(
    ellipse(top + 0.15, side * (apart + 0.1), 0.042, 0.034, Math.PI / 2),
    capsule(top + 0.2, side * (apart + 0.09), 0.7, side * (apart + 0.08), 0.024),
    0.03,
  );
  return { femur, tibia, fibula };
}

/** Skin, fat under it, muscle with fibres and streaks of fat between them. */
function paintSoftTissue(canvas: Canvas, anatomy: Anatomy, tissues: Tissues, z: number): void {
  const leg: Region = (y, x) => Math.abs(x) - anatomy.width - 0.03 * Math.cos(5 * (y + 0.12));
  canvas.paint(leg, tissues.muscle);
  canvas.paint((y, x) => leg(y, x) + 0.006, tissues.fat);
  const fibres = sampleWaves(anatomy.fibres, canvas.axis, z);
  const streaks = sampleWaves(anatomy.streaks, canvas.axis, z);
  // around the joint there is more fat and less muscle
  const muscle: Region = (y, x) => leg(y, x) + anatomy.fat + 0.07 * Math.exp(-(((y - 0.02) / 0.13) ** 2));
  canvas.paint(
    muscle,
    (i) => {
      const streak = coverage(Math.abs(streaks[i]!) - 0.12, 0.15);
      return tissues.muscle * (1 + 0.07 * fibres[i]!) * (1 - streak) + tissues.fat * streak;
    },
    1,
    0.008,
  );
}

/** Cartilage over both bones, fluid and menisci between them. */
function paintJoint(
  canvas: Canvas,
  { apart, cartilage, joint }: Anatomy,
  bones: Bones,
  tissues: Tissues,
): void {
  const capsuleOfJoint = ellipse(0, 0, 2 * apart + 0.02, 0.055 + joint / 2);
  canvas.paint(
    intersection(capsuleOfJoint, ellipse(0, 0, 0.3, 0.1)),
    0.5 * tissues.fat + 0.2 * tissues.muscle,
  );
  canvas.paint(ellipse(0, 0, 2 * apart - 0.01, 0.35 * joint + 0.006), tissues.fluid);
  const near: Region = (y, x) => Math.max(Math.abs(x) - 1.9 * apart, Math.abs(y + 0.01) - 0.065);
  canvas.paint(intersection(near, layer(bones.femur, -1, cartilage)), tissues.cartilage);
  canvas.paint(intersection(near, layer(bones.tibia, -1, 0.8 * cartilage)), tissues.cartilage);
  // wedges, thick outside and thin towards the middle of the condyle
  const meniscus: Region = (y, x) => {
    const along = (Math.abs(x) - 0.95 * apart) / (0.95 * apart);
    const thick = 0.5 * joint * Math.min(1, along) * 1.15;
    return Math.max(Math.abs(y - 0.002) - thick, -along * 0.1, Math.abs(x) - 1.88 * apart);
  };
  canvas.paint(meniscus, tissues.dark);
}

/** Marrow with its trabeculae in a dark shell, the scars of the growth plates, spots. */
function paintBones(canvas: Canvas, anatomy: Anatomy, bones: Bones, tissues: Tissues, z: number): void {
  const trabeculae = sampleWaves(anatomy.trabeculae, canvas.axis, z);
  const marrow = (i: number): number => tissues.marrow * (1 + 0.08 * trabeculae[i]!);
  for (const bone of [bones.femur, bones.tibia, bones.fibula]) {
    canvas.paint(bone, tissues.dark);
    canvas.paint(layer(bone, -1, -0.0065), marrow);
  }
  const { joint } = anatomy;
  const scars = [
    { bone: bones.femur, y: -0.165, bow: -0.5 },
    { bone: bones.tibia, y: joint / 2 + 0.095, bow: 0.35 },
  ];
  for (const { bone, y: middle, bow } of scars) {
    const line: Region = (y, x) => Math.abs(y - middle - bow * x * x - 0.006 * Math.cos(40 * x)) - 0.0028;
    canvas.paint(intersection(line, layer(bone, -1, -0.006)), tissues.dark + 0.35 * tissues.marrow, 0.8);
  }
  for (const { region, isBright } of anatomy.spots)
    for (const bone of [bones.femur, bones.tibia])
      canvas.paint(
        intersection(region, layer(bone, -1, -0.008)),
        isBright ? tissues.oedema : tissues.dark,
        0.8,
        0.01,
      );
}

/** Cruciate ligaments in the notch, collateral ligaments at both sides: dark bands. */
function paintLigaments(
  canvas: Canvas,
  { apart, joint, side }: Anatomy,
  bones: Bones,
  tissues: Tissues,
): void {
  const outside = (region: Region): Region => without(region, union(bones.femur, bones.tibia));
  const anterior = capsule(-joint / 2 - 0.035, 0.024 * side, joint / 2 + 0.01, -0.02 * side, 0.008);
  const posterior = ellipse(-joint / 2 - 0.012, -0.018 * side, 0.014, 0.022, 0.3);
  canvas.paint(outside(anterior), tissues.dark + 0.1, 1, 0.006);
  canvas.paint(outside(posterior), tissues.dark + 0.05, 1, 0.005);
  const reach = 2.08 * apart;
  for (const sign of [-1, 1]) {
    const band: Region = (y, x) =>
      Math.max(Math.abs(sign * x - reach + 1.6 * y * y) - 0.0055, Math.abs(y - 0.01) - 0.15);
    canvas.paint(outside(band), tissues.dark + 0.04, 0.9);
  }
}

const family: Family<KneeContrast, Anatomy> = {
  name: 'knee',
  contrasts: ['pd', 'pdfs'],
  draws:
    10 +
    7 * spotCount +
    drawsPerWave * (2 * waveCounts.bending + waveCounts.trabeculae + waveCounts.fibres + waveCounts.streaks),
  draw,
  paint,
};

/**
 * Coronal slices through a made-up knee, f32 [slices, size, size], values 0 to about 1: bones with marrow, cortex,
 * growth-plate scars and spots, cartilage, menisci, ligaments, muscle, fat; every subject has other proportions.
 * Contrasts: `pd` (default: fat and marrow bright) and `pdfs` (fat suppressed: both dark, fluid bright). Not a model
 * of any person, and far simpler than one.
 *
 * @throws ArgumentError
 * @example const images = await kneePhantom({ subject: 4, contrast: 'pdfs', slices: 5 });
 */
export const kneePhantom = (options: KneeOptions = {}): Promise<Tensor> => familyImages(family, options);
