import type { HostValue } from '../../op.js';
import type { ConvAttrs } from './convolution.js';

/** Indices of one product x · w that goes into y. */
type Visit = (x: number, w: number, y: number) => void;

/** Every product of the convolution y = x ⋆ w, in the order n, channel of y, pixel, channel of x, tap. */
function forProducts(x: HostValue, w: HostValue, y: HostValue, attrs: ConvAttrs, visit: Visit): void {
  const { stride, padding, dilation, groups } = attrs;
  const [batch, inChannels, height, width] = x.shape as [number, number, number, number];
  const [outChannels, groupChannels, kh, kw] = w.shape as [number, number, number, number];
  const [outHeight, outWidth] = y.shape.slice(2) as [number, number];
  for (let n = 0; n < batch; n++)
    for (let co = 0; co < outChannels; co++)
      for (let oy = 0; oy < outHeight; oy++)
        for (let ox = 0; ox < outWidth; ox++)
          for (let c = 0; c < groupChannels; c++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const iy = oy * stride[0] + i * dilation[0] - padding[0][0];
                const ix = ox * stride[1] + j * dilation[1] - padding[1][0];
                if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
                const ci = Math.floor((co * groups) / outChannels) * groupChannels + c;
                visit(
                  ((n * inChannels + ci) * height + iy) * width + ix,
                  ((co * groupChannels + c) * kh + i) * kw + j,
                  ((n * outChannels + co) * outHeight + oy) * outWidth + ox,
                );
              }
}

/** y[n, co, oy, ox] = Σ x[n, ci, oy·s + i·d − p, ox·s + j·d − p] w[co, ci, i, j]. */
export function conv2dReference(
  [x, w]: readonly HostValue[],
  [y]: readonly HostValue[],
  attrs: ConvAttrs,
): void {
  const sum = new Float64Array(y!.data.length);
  forProducts(x!, w!, y!, attrs, (xi, wi, yi) => {
    sum[yi]! += x!.data[xi]! * w!.data[wi]!;
  });
  y!.data.set(sum);
}

/** The adjoint in x: the same products, added up at x. */
export function inputGradReference(
  [g, w]: readonly HostValue[],
  [x]: readonly HostValue[],
  attrs: ConvAttrs,
): void {
  const sum = new Float64Array(x!.data.length);
  forProducts(x!, w!, g!, attrs, (xi, wi, yi) => {
    sum[xi]! += g!.data[yi]! * w!.data[wi]!;
  });
  x!.data.set(sum);
}

/** The adjoint in w: the same products, added up at w. */
export function weightGradReference(
  [x, g]: readonly HostValue[],
  [w]: readonly HostValue[],
  attrs: ConvAttrs,
): void {
  const sum = new Float64Array(w!.data.length);
  forProducts(x!, w!, g!, attrs, (xi, wi, yi) => {
    sum[wi]! += g!.data[yi]! * x!.data[xi]!;
  });
  w!.data.set(sum);
}
