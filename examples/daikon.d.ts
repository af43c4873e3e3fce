// The part of daikon's interface that the examples use; the package has no types.
declare module 'daikon' {
  interface Image {
    getRows(): number;
    getCols(): number;
    getSeriesDescription(): string;
    getInterpretedData(asArray: boolean, asObject: boolean): ArrayLike<number>;
  }
  const daikon: { Series: { parseImage(data: DataView): Image } };
  export default daikon;
}
