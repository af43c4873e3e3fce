/**
 * Throws the error again if the GPU is lost: nothing can be checked or timed any more.
 * @param {unknown} error
 */
export function refuseLoss(error) {
  if (/The GPU was lost/.test(/** @type {Error} */ (error).message)) throw error;
}
