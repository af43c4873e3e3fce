import { FormatError } from '@adjoint/tensor';
import { elementAt, parseXml, type XmlElement } from './xml.js';

/** Sizes along the readout (x), the phase encoding (y) and the second phase encoding or slices (z). */
export interface MatrixSize {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** First, last and central line of an encoding direction. */
export interface EncodingLimit {
  readonly minimum: number;
  readonly maximum: number;
  readonly center: number;
}

/** What reconstruction needs of an ISMRMRD header (the first encoding). */
export interface IsmrmrdHeader {
  readonly encodedMatrix: MatrixSize;
  readonly reconMatrix: MatrixSize;
  /** Limits of the lines (step 1) and partitions (step 2), where the header states them. */
  readonly lines: EncodingLimit | undefined;
  readonly partitions: EncodingLimit | undefined;
  readonly trajectory: string;
  /** Columns [left, right) of the encoded matrix were acquired; the rest is zero padding. */
  readonly acquired: readonly [left: number, right: number];
  /** User parameters of the kinds long and double, by name. */
  readonly parameters: ReadonlyMap<string, number>;
}

/**
 * Parses an ISMRMRD header. With enc = encodedSpace/matrixSize and lim = kspace_encoding_step_1:
 * left = ⌊enc.y / 2⌋ − lim.center, right = left + lim.maximum + 1, both kept inside the encoded matrix.
 * Source: ISMRMRD schema (ismrm.org/ISMRMRD); the padding rule is fastMRI's.
 *
 * @throws FormatError if it is no XML or lacks a matrix size.
 */
export function parseIsmrmrdHeader(fn: string, place: string, text: string): IsmrmrdHeader {
  const argument = `the header of ${place}`;
  const root = parseXml(fn, argument, text);
  const encoding = elementAt(root, 'encoding');
  const matrix = (space: string): MatrixSize => {
    const size = encoding && elementAt(encoding, space, 'matrixSize');
    const [x, y, z] = ['x', 'y', 'z'].map((axis) => size && whole(size, axis));
    if (x && y && z && x > 0 && y > 0 && z > 0) return { x, y, z };
    throw new FormatError({
      fn,
      argument,
      expected: `of a whole ${space}/matrixSize`,
      got: `x ${x}, y ${y}, z ${z}`,
    });
  };
  const encodedMatrix = matrix('encodedSpace');
  const lines = limit(encoding, 'kspace_encoding_step_1');
  return {
    encodedMatrix,
    reconMatrix: matrix('reconSpace'),
    lines,
    partitions: limit(encoding, 'kspace_encoding_step_2'),
    trajectory: (encoding && elementAt(encoding, 'trajectory')?.text.trim()) || 'cartesian',
    acquired: acquiredColumns(encodedMatrix.y, lines),
    parameters: userParameters(root),
  };
}

/** A whole number >= 0 below an element, or undefined. */
function whole(parent: XmlElement, name: string): number | undefined {
  const text = elementAt(parent, name)?.text.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function limit(encoding: XmlElement | undefined, name: string): EncodingLimit | undefined {
  const element = encoding && elementAt(encoding, 'encodingLimits', name);
  if (!element) return undefined;
  const [minimum, maximum, center] = ['minimum', 'maximum', 'center'].map((part) => whole(element, part));
  if (minimum === undefined || maximum === undefined || center === undefined) return undefined;
  return { minimum, maximum, center };
}

function acquiredColumns(width: number, lines: EncodingLimit | undefined): [number, number] {
  if (!lines) return [0, width];
  const left = Math.floor(width / 2) - lines.center;
  return [Math.max(0, left), Math.min(width, left + lines.maximum + 1)];
}

function userParameters(root: XmlElement): Map<string, number> {
  const found = new Map<string, number>();
  for (const parameter of elementAt(root, 'userParameters')?.children ?? []) {
    const name = elementAt(parameter, 'name')?.text.trim();
    const value = Number(elementAt(parameter, 'value')?.text.trim() || Number.NaN);
    if (name && /^userParameter(Long|Double)$/.test(parameter.name) && !Number.isNaN(value))
      found.set(name, value);
  }
  return found;
}
