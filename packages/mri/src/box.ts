/** A rectangle of an image: its top and left edge and its size in pixels, fractions where a label file has them. */
export interface Box {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
}
