import { encode } from 'fast-png';

/** Red, green, blue bytes, row by row. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** A PNG file; a picture in shades of grey takes one channel, which is a third of the bytes. */
export function pngFile({ height, width, data }: Picture): Uint8Array {
  const isGrey = data.every((value, i) => value === data[i - (i % 3)]);
  const channels = isGrey ? 1 : 3;
  const values = isGrey ? data.filter((_, i) => i % 3 === 0) : data;
  return encode({ width, height, data: values, channels, depth: 8 });
}

/** The picture inside a page. */
export function pngUri(picture: Picture): string {
  const bytes = pngFile(picture);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

/** Pictures of one height side by side, white between them. */
export function beside(pictures: readonly Picture[], gap = 4): Picture {
  const height = Math.max(...pictures.map((picture) => picture.height));
  const width = pictures.reduce((sum, picture) => sum + picture.width + gap, -gap);
  const data = new Uint8Array(3 * height * width).fill(255);
  let left = 0;
  for (const picture of pictures) {
    for (let row = 0; row < picture.height; row++) {
      const from = 3 * row * picture.width;
      data.set(picture.data.subarray(from, from + 3 * picture.width), 3 * (row * width + left));
    }
    left += picture.width + gap;
  }
  return { height, width, data };
}
