/** The part of daikon that is used here. */
export interface DaikonImage {
  getRows(): number;
  getCols(): number;
  getNumberOfFrames(): number;
  getNumberOfSamplesPerPixel(): number;
  getBitsAllocated(): number;
  getSeriesInstanceUID(): string | null;
  getSeriesDescription(): string | null;
  getImageNumber(): number | null;
  getImagePosition(): readonly number[] | null;
  getImageDirections(): readonly number[] | null;
  getPixelSpacing(): readonly number[] | null;
  getSliceThickness(): number | null;
  hasPixelData(): boolean;
  /** Decompressed bytes. */
  getRawData(): ArrayBuffer;
  /** Values of a frame times slope plus intercept. */
  getInterpretedData(asArray: false, asObject: false, frame: number): Float32Array;
}

export interface Daikon {
  readonly Series: { parseImage(data: DataView): DaikonImage | null; parserError: Error | null };
}

/** daikon, loaded when it is first needed. */
export async function loadDaikon(): Promise<Daikon> {
  const { default: daikon } = await import('daikon');
  return daikon as Daikon;
}
