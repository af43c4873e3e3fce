import { checkChoice } from '@adjoint/tensor';
import { loadWeights, type Weights } from './weights/index.js';

/** Weights that come with this package; a model card beside each file says how they were made and what for. */
export const shippedNames = ['unet-head-t1'] as const;
export type ShippedName = (typeof shippedNames)[number];

/**
 * Weights that come with this package. Node; on a page, fetch the file and use `decodeWeights`.
 *
 * @throws ArgumentError for another name, or where the file is not there
 * @example const method = unetReconstructor(await shippedWeights('unet-head-t1'));
 */
export async function shippedWeights(name: ShippedName): Promise<Weights> {
  checkChoice('shippedWeights', 'name', name, shippedNames);
  return loadWeights(shippedPath(name));
}

/** Apart from its use, so that bundlers of pages do not take the folder for a file of the page. */
const here = import.meta.url;

/** Where the file of shipped weights stands. The folder is beside `src` and `dist`. */
export function shippedPath(name: ShippedName): string {
  const { pathname } = new URL(`../weights/${name}.safetensors`, here);
  return decodeURIComponent(pathname).replace(/^\/(?=[A-Za-z]:)/, '');
}
