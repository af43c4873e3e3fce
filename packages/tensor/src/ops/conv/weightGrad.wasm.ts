import { type FunctionBuilder, i32, type Local } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmCode, WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { defineEdge } from '../matmul/panel.wasm.js';
import { defineTiles, forTiles, panelStep, tileColumns, tileRows } from '../matmul/tile.wasm.js';
import { zeroPlan } from '../matmul/zero.wasm.js';
import type { WeightGradAttrs } from './convolution.js';
import { inputImage, tapTable } from './forward.wasm.js';
import { imageBytes, imagesPerPart, type PaddedImage, padStep, rowFloats } from './paddedImage.wasm.js';
import { definePixelPacking } from './pixelPanel.wasm.js';
import { sumPartsStep } from './sumParts.wasm.js';
import { winogradWeightGradFits, winogradWeightGradPlan } from './winogradWeightGrad.wasm.js';

/** Pixels between two visits of the sums: a panel of 8 KB stays in the first-level cache. */
const blockPixels = 256;
/** Blocks whose sums one task adds up, at least. */
const stripBlocks = 4;
/** Bytes of the partial sums of all strips. */
const mostPartialBytes = 32 * 2 ** 20;
/** Flops of a task, about 0.3 ms. */
const taskFlops = 16e6;

/**
 * conv2dWeightGrad as the matrix product w[co, k] = Σ_pixels g[co, pixel] x[tap k of pixel]: g is read in
 * place, the pixels under 8 taps at a time are packed from the padded image. Strips of pixels give partial
 * sums, added in their order: equal bits for any number of threads.
 */
export function weightGradWasm(
  { inputs, outputs, attrs }: KernelCall<WeightGradAttrs>,
  target: WasmTarget,
): WasmPlan {
  const [x, g] = inputs.map((input) => input.shape) as [Shape, Shape];
  const { shape } = outputs[0]!;
  const { groups, dilation, kernel } = attrs;
  const [batch, outChannels, rows, columns] = g as [number, number, number, number];
  const size = sizeOf(shape);
  if (sizeOf(x) * sizeOf(g) === 0) return zeroPlan(target, 4 * size);
  if (attrs.algorithm === 'winograd' && winogradWeightGradFits(shape[1]!, shape[0]!))
    return winogradWeightGradPlan(target, {
      ...{ batch, imageChannels: shape[1]!, gradientChannels: shape[0]! },
      image: { height: x[2]!, width: x[3]! },
      ...{ top: attrs.padding[0][0], left: attrs.padding[1][0] },
      gradient: { height: rows, width: columns },
    });
  const image = inputImage(x, kernel, [rows, columns], attrs);
  const cut = cutWork(batch, rows * columns, outChannels / groups, size / outChannels, size);
  const part = imagesPerPart(image, batch);
  const partStrips =
    part >= batch ? cut.strips : Math.max(1, Math.floor((part * cut.blocksPerImage) / cut.blocksPerStrip));
  const steps: WasmStep[] = [];
  let imagesAtOnce = 1;
  for (let first = 0; first < cut.strips; first += partStrips) {
    const strips = Math.min(partStrips, cut.strips - first);
    const firstBlock = first * cut.blocksPerStrip;
    const lastBlock = Math.min(batch * cut.blocksPerImage, (first + strips) * cut.blocksPerStrip);
    const firstImage = Math.floor(firstBlock / cut.blocksPerImage);
    const images = Math.ceil(lastBlock / cut.blocksPerImage) - firstImage;
    imagesAtOnce = Math.max(imagesAtOnce, images);
    const source = { input: 0, offset: 4 * firstImage * sizeOf(x.slice(1)) };
    steps.push(padStep(target, image, images * image.channels, source, { temp: 0 }));
    const sums = cut.strips === 1 ? { output: 0 } : { temp: 1, offset: 4 * size * first };
    const blocks = { firstImage, firstBlock, lastBlock, strips };
    steps.push(partStep(target, image, g, size, attrs, cut, blocks, sums));
  }
  if (cut.strips > 1) steps.push(sumPartsStep(target, cut.strips, size, { temp: 1 }, { output: 0 }));
  return {
    steps,
    temps: [imagesAtOnce * imageBytes(image), cut.strips === 1 ? 0 : 4 * size * cut.strips],
    tables: [wholePanels(tapTable(image, shape[1]!, kernel, dilation))],
  };
}

/** Blocks first … last − 1 of the batch, whose padded images, from firstImage on, are in temp 0. */
interface Blocks {
  readonly firstImage: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly strips: number;
}

/** The partial sums of some strips. */
function partStep(
  target: WasmTarget,
  image: PaddedImage,
  g: Shape,
  size: number,
  { groups, stride }: WeightGradAttrs,
  cut: ReturnType<typeof cutWork>,
  { firstImage, firstBlock, lastBlock, strips }: Blocks,
  sums: WasmArg,
): WasmStep {
  const [, outChannels, rows, columns] = g as [number, number, number, number];
  const blocksBefore = firstImage * cut.blocksPerImage;
  const words: Record<Name, WasmArg> = {
    ...{ image: { temp: 0 }, table: { table: 0 }, sums, ...cut.words, groups, columns },
    g: { input: 1, offset: 4 * firstImage * sizeOf(g.slice(1)) },
    ...{ firstBlock: firstBlock - blocksBefore, lastBlock: lastBlock - blocksBefore },
    ...{ channels: outChannels / groups, depth: size / outChannels, pixels: rows * columns },
    ...{ imageUnit: imageBytes(image), imageGroup: imageBytes(image) / groups },
    imageRow: 4 * stride[0] * rowFloats(image),
  };
  return {
    code: weightGradKernel(target),
    tasks: strips * groups * cut.panelBlocks,
    args: argumentNames.map((name) => words[name]),
  };
}

/** Blocks of pixels, strips of blocks, and blocks of panels: by shape alone. */
function cutWork(batch: number, pixels: number, channels: number, depth: number, size: number) {
  const blocksPerImage = Math.ceil(pixels / blockPixels);
  const blocks = batch * blocksPerImage;
  const mostStrips = Math.max(1, Math.floor(mostPartialBytes / (4 * size)));
  const blocksPerStrip = Math.max(stripBlocks, Math.ceil(blocks / mostStrips));
  const panels = Math.ceil(depth / tileColumns);
  const panelFlops =
    2 * channels * tileColumns * Math.min(blocks, blocksPerStrip) * Math.min(pixels, blockPixels);
  const panelsPerTask = Math.min(panels, Math.max(1, Math.round(taskFlops / panelFlops)));
  const pixelsPerBlock = Math.ceil(pixels / blocksPerImage);
  const panelBlocks = Math.ceil(panels / panelsPerTask);
  return {
    ...{ blocksPerImage, blocksPerStrip, strips: Math.ceil(blocks / blocksPerStrip), panelBlocks },
    words: { blocksPerImage, blocksPerStrip, pixelsPerBlock, panelBlocks, panelsPerTask },
  };
}

/** The last panel's missing taps repeat the last one; their sums are not stored. */
const wholePanels = (table: Int32Array): Int32Array =>
  Int32Array.from(
    { length: Math.ceil(table.length / tileColumns) * tileColumns },
    (_, i) => table[Math.min(i, table.length - 1)]!,
  );

const argumentNames = [
  ...[
    'image',
    'g',
    'table',
    'sums',
    'firstBlock',
    'lastBlock',
    'blocksPerImage',
    'blocksPerStrip',
    'pixelsPerBlock',
  ],
  ...['panelBlocks', 'panelsPerTask', 'groups', 'channels', 'depth', 'pixels', 'columns'],
  ...['imageUnit', 'imageGroup', 'imageRow'],
] as const;
type Name = (typeof argumentNames)[number];
type L = Local<'i32'>;

/** A task: one strip of pixels, one group, a block of panels of 8 taps. */
const weightGradKernel = (target: WasmTarget): WasmCode =>
  target.kernel('conv/weightGrad', (f, { module, task, arg, scratch }) => {
    const tile = defineTiles(module, target, 'panel', false);
    const pack = definePixelPacking(module);
    const edge = defineEdge(module);
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(arg(i))])) as Record<Name, L>;
    const { strip, group, firstTap, lastTap } = decodeTask(f, task, word);
    const row = f.let(i32.shl(word.depth, 2));
    const groupSums = i32.add(i32.mul(strip, word.groups), group);
    const sums = f.let(i32.add(word.sums, i32.mul(i32.mul(groupSums, word.channels), row)));
    const start = f.let(i32.add(word.firstBlock, i32.mul(strip, word.blocksPerStrip)));
    const stop = f.let(i32.minS(word.lastBlock, i32.add(start, word.blocksPerStrip)));
    const buffer = f.let(i32.add(scratch, (blockPixels + 4) * panelStep));
    const channelStep = f.let(i32.shl(word.pixels, 2));
    f.for(start, stop, 1, (block) => {
      const n = f.let(i32.divU(block, word.blocksPerImage));
      const pixel = f.let(i32.mul(i32.remU(block, word.blocksPerImage), word.pixelsPerBlock));
      const depth = f.let(i32.minS(word.pixelsPerBlock, i32.sub(word.pixels, pixel)));
      const place = i32.add(i32.mul(n, word.imageUnit), i32.mul(group, word.imageGroup));
      const image = f.let(i32.add(word.image, place));
      const plane = i32.mul(i32.add(i32.mul(n, word.groups), group), word.channels);
      const g = f.let(i32.add(i32.add(word.g, i32.mul(plane, channelStep)), i32.shl(pixel, 2)));
      const add = f.let(i32.ne(block, start));
      f.for(firstTap, lastTap, tileColumns, (tap) => {
        const taps = i32.add(word.table, i32.shl(tap, 2));
        f.call(pack, [scratch, image, taps, pixel, depth, word.columns, word.imageRow]);
        const valid = f.let(i32.minS(tileColumns, i32.sub(word.depth, tap)));
        forTiles(f, i32.const(0), word.channels, tileRows, (channel, count) => {
          const a = f.let(i32.add(g, i32.mul(channel, channelStep)));
          const c = f.let(i32.add(sums, i32.add(i32.mul(channel, row), i32.shl(tap, 2))));
          const source = { a, aRow: channelStep, aStep: 4, b: scratch, table: 0, depth };
          f.if(
            i32.eq(valid, tileColumns),
            () => tile(f, count, { ...source, c, cRow: row, add }),
            () => {
              tile(f, count, { ...source, c: buffer, cRow: panelStep, add: 0 });
              f.call(edge, [buffer, c, count, valid, row, add]);
            },
          );
        });
      });
    });
  });

/** task = (strip · groups + group) · panelBlocks + panel block. */
function decodeTask(f: FunctionBuilder, task: L, word: Record<Name, L>) {
  const tapsPerTask = f.let(i32.mul(word.panelsPerTask, tileColumns));
  const firstTap = f.let(i32.mul(i32.remU(task, word.panelBlocks), tapsPerTask));
  const lastTap = f.let(i32.minS(word.depth, i32.add(firstTap, tapsPerTask)));
  const rest = f.let(i32.divU(task, word.panelBlocks));
  const group = f.let(i32.remU(rest, word.groups));
  return { strip: f.let(i32.divU(rest, word.groups)), group, firstTap, lastTap };
}
