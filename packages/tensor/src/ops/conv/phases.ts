import type { Shape } from '../../shape.js';
import { type PaddedImage, pixelOffset, planeFloats } from './paddedImage.wasm.js';

/** A tap that reaches pixels of one remainder: pixel start + stride·q takes g at position q + shift. */
export interface Tap {
  readonly index: number;
  readonly shift: number;
}

/** Pixels start, start + stride, … of one axis: `count` of them, all reached by the same taps. */
export interface Phase {
  readonly start: number;
  readonly count: number;
  readonly taps: readonly Tap[];
}

/** Along one axis o·s + i·d − p = y: for each remainder of y modulo s, the taps i that divide evenly. */
export function phasesOf(
  size: number,
  taps: number,
  stride: number,
  dilation: number,
  before: number,
): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, start) => ({
    start,
    count: Math.ceil((size - start) / stride),
    taps: Array.from({ length: taps }, (_, index) => ({
      index,
      shift: (start + before - index * dilation) / stride,
    })).filter(({ shift }) => Number.isInteger(shift)),
  }));
}

/** The zero border that makes every read of every phase fall into the padded image. */
export function borders(phases: readonly Phase[], least: number): { before: number; length: number } {
  const shifts = phases.flatMap((phase) => phase.taps.map(({ shift }) => shift));
  const before = Math.max(0, -Math.min(0, ...shifts));
  const ends = phases.flatMap((phase) => phase.taps.map(({ shift }) => Math.max(phase.count, least) + shift));
  return { before, length: before + Math.max(1, ...ends) };
}

/** `taps`: float offsets in a kernel; `pixels`: byte offsets in the padded g of every (channel, tap). */
export function phaseTables(image: PaddedImage, v: Phase, h: Phase, w: Shape, groups: number) {
  const pairs = v.taps.flatMap((i) => h.taps.map((j) => ({ i, j })));
  const shifts = pairs.map(({ i, j }) => pixelOffset(image, image.top + i.shift, image.left + j.shift));
  const channels = Array.from({ length: w[0]! / groups }, (_, c) => c * planeFloats(image));
  return {
    taps: pairs.map(({ i, j }) => i.index * w[3]! + j.index),
    pixels: channels.flatMap((plane) => shifts.map((shift) => 4 * (plane + shift))),
  };
}
