import {
  abs2,
  div,
  formatShape,
  formatType,
  maximum,
  type Shape,
  ShapeError,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';

const plane = { axes: [-2, -1] };

/**
 * J(e) = ‖f(y + e) − t‖²/‖t‖² of every slice: how far a perturbation moves the image, relatively, squared.
 *
 * @param f of the samples; images [..., h, w], real or complex
 * @param target t, of the same shape
 */
export const relativeChange =
  (f: (kspace: Tensor) => Tensor, kspace: Tensor, target: Tensor) =>
  (e: Tensor): Tensor =>
    div(sum(abs2(sub(f(kspace.add(e)), target)), plane), maximum(sum(abs2(target), plane), 1e-30));

/** Requires a differentiable method to give one image per slice. */
export function checkImages(fn: string, name: string, image: Tensor, lead: Shape): Tensor {
  const got = image?.shape?.slice(0, -2);
  if (image?.rank === lead.length + 2 && formatShape(got) === formatShape(lead)) return image;
  throw new ShapeError({
    fn,
    argument: `the image of ${name}`,
    expected: `[${[...lead, 'height', 'width'].join(', ')}], one for each slice`,
    got: image?.shape ? formatType(image) : String(image),
  });
}
