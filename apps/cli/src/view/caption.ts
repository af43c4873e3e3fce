import { type Colour, type Raster, setPixel } from './raster.js';

export const captionHeight = 9;
const advance = 6;
const columnsPerGlyph = 5;

const characters = ' -./0123456789:abcdefghijklmnopqrstuvwxyz';

/** Five columns of eight pixels a glyph, the top pixel in the lowest bit, two hexadecimal digits a column. */
const glyphs =
  '0000000000' + // space
  '0808080808000060600020100804023e5149453e00427f4000' + // - . / 0 1
  '72494949462141494d331814127f1027454545393c4a494931' + // 2 3 4 5 6
  '41211109073649494936464949291e0000140000' + // 7 8 9 :
  '20545478407f284444383844444428384444287f3854545418' + // a b c d e
  '00087e090218a4a49c787f0804047800447d40002040403d00' + // f g h i j
  '7f1028440000417f40007c047804787c080404783844444438' + // k l m n o
  'fc1824241818242418fc7c08040408485454542404043f4424' + // p q r s t
  '3c4040207c1c2040201c3c4030403c44281028444c9090907c' + // u v w x y
  '4464544c44'; // z

/** Writes one line of small letters, cut off where `width` ends. */
export function writeCaption(
  target: Raster,
  text: string,
  top: number,
  left: number,
  width: number,
  colour: Colour,
): void {
  [...text.toLowerCase()].slice(0, Math.floor(width / advance)).forEach((letter, i) => {
    const glyph = Math.max(0, characters.indexOf(letter));
    for (let column = 0; column < columnsPerGlyph; column++) {
      const at = 2 * (glyph * columnsPerGlyph + column);
      const bits = Number.parseInt(glyphs.slice(at, at + 2), 16);
      for (let row = 0; row < 8; row++)
        if ((bits >> row) & 1) setPixel(target, top + row, left + i * advance + column, colour);
    }
  });
}
