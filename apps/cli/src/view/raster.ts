/** A picture: red, green, blue bytes, row by row. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

export type Colour = readonly [red: number, green: number, blue: number];

export function blank(height: number, width: number, colour: Colour): Raster {
  const data = new Uint8Array(3 * height * width);
  for (let i = 0; i < data.length; i += 3) data.set(colour, i);
  return { height, width, data };
}

/** Copies a picture into a larger one, every pixel as a square of `zoom` times `zoom`. */
export function paste(target: Raster, picture: Raster, top: number, left: number, zoom: number): void {
  for (let row = 0; row < picture.height * zoom; row++) {
    const source = 3 * Math.floor(row / zoom) * picture.width;
    let at = 3 * ((top + row) * target.width + left);
    for (let column = 0; column < picture.width; column++) {
      const from = source + 3 * column;
      for (let k = 0; k < zoom; k++, at += 3) target.data.set(picture.data.subarray(from, from + 3), at);
    }
  }
}

export const setPixel = ({ data, width }: Raster, row: number, column: number, colour: Colour): void =>
  data.set(colour, 3 * (row * width + column));
