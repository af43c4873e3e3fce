export {
  type NormalisedImage,
  normaliseImages,
  type UnetReconstructorOptions,
  unetReconstructor,
} from './reconstructor.js';
export { type UnetOptions, unet } from './unet.js';
