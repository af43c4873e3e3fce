import { espirit, type Measurement, rss, senseCombine } from '@adjoint/mri';
import {
  abs,
  add,
  cast,
  centredFft,
  centredIfft,
  max,
  mul,
  scope,
  sub,
  type Tensor,
  tensor,
  unsqueeze,
} from '@adjoint/tensor';

/** How a small feature is put into k-space. */
export type Insertion = 'faithful' | 'corrected';

/** Of the largest pixel, in every coil; as published. */
const faithfulPart = 1 / 6;

/**
 * Puts a square feature into fully sampled data, wherever it is asked to.
 *
 * `faithful`: the real value max(rss)/6 is added to every coil image, whatever the coil receives there, as the
 * published code does; methods with coil maps cannot represent that. `corrected`: the image that all coils see becomes
 * its own largest modulus in the window, so that S_c (max|x| − x) is added to coil c, with maps from the full data.
 *
 * Source: Darestani, Chaudhari, Heckel, ICML 2021, figure 7 and code.
 */
export async function featureInserter(
  { kspace }: Measurement,
  insertion: Insertion,
  window: number,
): Promise<{ insert(row: number, column: number): Tensor; dispose(): void }> {
  const added = insertion === 'faithful' ? faithfulFeature(kspace) : await correctedFeature(kspace);
  const [height, width] = kspace.shape.slice(-2) as [number, number];
  return {
    insert: (row, column) =>
      scope(() => {
        const pattern = new Float32Array(height * width);
        for (let i = row; i < row + window; i++)
          pattern.fill(1, i * width + column, i * width + column + window);
        const mask = tensor(pattern, { shape: [height, width] });
        return add(kspace, centredFft(mul(added, mask)));
      }),
    dispose: () => added.dispose(),
  };
}

/** One number for all coils and pixels, c64 [coils, H, W] by broadcasting with k-space. */
const faithfulFeature = (kspace: Tensor): Tensor =>
  scope(() => {
    const coilImages = centredIfft(kspace);
    const value = mul(max(rss(coilImages)), faithfulPart);
    return add(mul(coilImages, 0), cast(value, 'c64'));
  });

/** S_c (max|x| − x) at every pixel, c64 [coils, H, W]. */
async function correctedFeature(kspace: Tensor): Promise<Tensor> {
  using maps = await espirit(kspace, { crop: 0 }); // everywhere: features in the background count, too
  return scope(() => {
    const x = senseCombine(centredIfft(kspace), maps);
    const rise = sub(cast(max(abs(x)), 'c64'), x);
    return mul(maps, unsqueeze(rise, -3));
  });
}
