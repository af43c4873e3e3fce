import {
  coilMaps,
  type EllipsePhantom,
  type Measurement,
  maskTensor,
  randomMask,
  rasterise,
  sheppLogan,
  undersample,
} from '@adjoint/mri';
import {
  abs,
  abs2,
  cast,
  centredFft,
  mul,
  norm,
  ones,
  scope,
  stack,
  sum,
  type Tensor,
  unsqueeze,
} from '@adjoint/tensor';

export interface AttackScene {
  /** Samples, true maps, reference. */
  readonly m: Measurement & { readonly maps: Tensor; readonly reference: Tensor };
  /** Full k-space. */
  readonly full: Tensor;
  readonly image: Tensor;
}

export interface AttackSceneOptions {
  readonly size?: number;
  readonly coils?: number;
  readonly acceleration?: number;
  readonly slices?: number;
  readonly seed?: number;
  /** Part of the columns that is sampled around the centre. */
  readonly centerFraction?: number;
  /** Default the Shepp-Logan head. */
  readonly phantom?: EllipsePhantom;
}

/** A head of ellipses on its grid, seen by a ring of coils and sampled in random columns. */
export async function attackScene(options: AttackSceneOptions = {}): Promise<AttackScene> {
  const {
    size = 32,
    coils = 4,
    acceleration = 3,
    slices,
    seed = 3,
    centerFraction = 0.1,
    phantom = sheppLogan(),
  } = options;
  const maps = await coilMaps({ shape: [size, size], coils });
  const head = rasterise(phantom, [size, size]);
  const image =
    slices === undefined ? head : stack(Array.from({ length: slices }, (_, i) => mul(head, 1 + i)));
  const full = scope(() => centredFft(mul(maps, unsqueeze(cast(image, 'c64'), -3))));
  const mask = maskTensor(randomMask({ width: size, acceleration, centerFraction, seed }));
  const sampled = undersample({ kspace: full, mask: ones([size]), reference: abs(image), maps }, mask);
  return { m: sampled as AttackScene['m'], full, image };
}

export const length = async (x: Tensor): Promise<number> => (await norm(x).item()) as number;

/** Energy where the mask is 0. */
export const outside = async (e: Tensor, mask: Tensor): Promise<number> =>
  (await sum(mul(abs2(e), mul(mask, -1).add(1))).item()) as number;
