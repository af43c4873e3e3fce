import * as M from '@adjoint/mri';
import { type BadCall, bad, each, notTensors } from '../badCall.js';
import { loose, optionsOf } from './badMri.js';

const notPaths = { missing: undefined, null: null, 'a number': 3, empty: '', 'no such file': '/nowhere/x' };
const notBytes = {
  missing: undefined,
  null: null,
  text: 'x',
  'a list': [1, 2],
  empty: new Uint8Array(),
  'other bytes': new Uint8Array(999).fill(7),
};
const notDevice = { 'device a name': { device: 'wasm' } };
const unwritable = { null: null, 'a number': 3, 'no such folder': '/nowhere/deep/x.h5' };

/** Wrong uses of a reader of files by path. */
const ofPath = (name: string, options?: Readonly<Record<string, unknown>>): BadCall[] => [
  ...each(notPaths, (path) => loose[name]!(path)),
  ...(options ? optionsOf(options, (wrong) => loose[name]!('/nowhere/x', wrong)) : []),
];
/** Wrong uses of an opener of HDF5 files. */
const ofH5 = (name: string, options: Readonly<Record<string, unknown>>): BadCall[] => [
  ...each(notPaths, (path) => loose[name]!(path)),
  ...each(
    { empty: new Uint8Array(), 'other bytes': new Uint8Array(999).fill(7), 'a list': [1, 2] },
    (bytes) => loose[name]!(bytes),
  ),
  ...optionsOf(options, (wrong) => loose[name]!(new Uint8Array(9), wrong)),
];
const timing = { 'timeoutMs 0': { timeoutMs: 0 }, 'timeoutMs text': { timeoutMs: '1' } };

const notDatasets = {
  null: null,
  'a number': 3,
  'numbers by name': { a: 3 },
  'null by name': { a: null },
  'slices without shape': { a: { slices: [] } },
};
const writing = {
  'compression 10': { compression: 10 },
  'compression text': { compression: '4' },
  'attributes a list of lists': { attributes: { a: [[1]] } },
  'attributes null inside': { attributes: { a: null } },
};

const hdf5: Record<string, BadCall[]> = {
  openH5: ofH5('openH5', timing),
  openFastmri: ofH5('openFastmri', { ...timing, ...notDevice, 'convert text': { convert: 'yes' } }),
  openIsmrmrd: ofH5('openIsmrmrd', {
    ...timing,
    ...notDevice,
    'readout unknown': { readout: 'trim' },
    'scale 0': { scale: 0 },
    'select a number': { select: 3 },
    'calibration unknown': { calibration: 'only' },
  }),
  readH5: ofH5('readH5', { ...notDevice, 'names a text': { names: 'kspace' } }),
  encodeH5: [
    ...each(notDatasets, (datasets) => loose.encodeH5!(datasets)),
    bad('an empty name', ({ x }) => M.encodeH5({ '': x })),
    bad('a disposed tensor', ({ disposed }) => M.encodeH5({ disposed })),
    ...optionsOf(writing, (options, { x }) => loose.encodeH5!({ x }, options)),
  ],
  writeH5: [
    ...each(notDatasets, (datasets) => loose.writeH5!('/nowhere/x.h5', datasets)),
    ...each(unwritable, (path, { x }) => loose.writeH5!(path, { x })),
    ...optionsOf(writing, (options, { x }) => loose.writeH5!('/nowhere/x.h5', { x }, options)),
  ],
  writeFastmri: [
    ...each(unwritable, (path, { kspace }) => loose.writeFastmri!(path, { kspace })),
    ...each(
      {
        missing: undefined,
        null: null,
        'a number': 3,
        'a misspelt dataset': { kspce: 1 },
        'numbers for samples': { kspace: [1] },
      },
      (content) => loose.writeFastmri!('/nowhere/x.h5', content),
    ),
    bad('samples without coils', ({ z }) => M.writeFastmri('/nowhere/x.h5', { kspace: z } as never)),
  ],
  convertIsmrmrd: [
    ...each(notPaths, (from) => loose.convertIsmrmrd!(from, '/nowhere/y.h5')),
    ...each(unwritable, (to) => loose.convertIsmrmrd!('/nowhere/x', to)),
    ...optionsOf({ 'scale 0': { scale: 0 }, ...timing }, (options) =>
      loose.convertIsmrmrd!('/nowhere/x', '/nowhere/y.h5', options),
    ),
  ],
};

const arrays: Record<string, BadCall[]> = {
  readCfl: ofPath('readCfl', notDevice),
  decodeCfl: [
    ...each(
      {
        missing: undefined,
        null: null,
        'no data': { header: '# Dimensions\n1\n' },
        'data of another length': { header: '# Dimensions\n4\n', data: new Uint8Array(8) },
        'no dimensions': { header: 'x', data: new Uint8Array(8) },
        'dimensions that are none': { header: '# Dimensions\n-1 x\n', data: new Uint8Array(8) },
      },
      (files) => loose.decodeCfl!(files),
    ),
    ...optionsOf(notDevice, (options) =>
      loose.decodeCfl!({ header: '# Dimensions\n1\n', data: new Uint8Array(8) }, options),
    ),
  ],
  encodeCfl: each({ ...notTensors, 'a number': 3 }, (x) => loose.encodeCfl!(x)),
  writeCfl: [
    ...each({ ...notTensors, 'a number': 3 }, (x) => loose.writeCfl!('/nowhere/x', x)),
    ...each({ null: null, 'a number': 3, 'no such folder': '/nowhere/x' }, (path, { z }) =>
      loose.writeCfl!(path, z),
    ),
  ],
  kspaceOfBart: [
    ...each({ ...notTensors, 'a number': 3 }, (x) => loose.kspaceOfBart!(x)),
    bad('a disposed tensor', ({ disposed }) => M.kspaceOfBart(disposed)),
  ],
  kspaceToBart: [
    ...each({ ...notTensors, 'a number': 3 }, (x) => loose.kspaceToBart!(x)),
    bad('a vector', ({ mask }) => M.kspaceToBart(mask)),
  ],
  readNifti: ofPath('readNifti', notDevice),
  decodeNifti: [
    ...each(notBytes, (bytes) => loose.decodeNifti!(bytes)),
    ...optionsOf(notDevice, (options) => loose.decodeNifti!(new Uint8Array(400), options)),
  ],
  encodeNifti: [
    ...each({ ...notTensors, 'a number': 3 }, (x) => loose.encodeNifti!(x)),
    ...optionsOf(
      {
        'spacing 0': { spacing: [0, 1] },
        'spacing a number': { spacing: 1 },
        'affine of another size': { affine: [[1]] },
        'affine NaN': {
          affine: [
            [Number.NaN, 0, 0, 0],
            [0, 1, 0, 0],
            [0, 0, 1, 0],
          ],
        },
        'description a number': { description: 3 },
      },
      (options, { image }) => loose.encodeNifti!(image, options),
    ),
  ],
  writeNifti: [
    ...each({ ...notTensors, 'a number': 3 }, (x) => loose.writeNifti!('/nowhere/x.nii', x)),
    ...each(unwritable, (path, { image }) => loose.writeNifti!(path, image)),
    ...optionsOf({ 'spacing 0': { spacing: [0, 1] } }, (options, { image }) =>
      loose.writeNifti!('/nowhere/x.nii', image, options),
    ),
  ],
  readMinc: ofPath('readMinc', notDevice),
  decodeMinc: [
    ...each(notBytes, (header) => loose.decodeMinc!(header, new Uint8Array(8))),
    ...each(notBytes, (raw) =>
      loose.decodeMinc!(new TextEncoder().encode('xspace: 2 1 0\nyspace: 2 1 0\nzspace: 2 1 0\n'), raw),
    ),
  ],
  readDicomSeries: [
    ...each(
      { ...notPaths, 'an empty list': [], 'numbers in a list': [3], 'other bytes': [new Uint8Array(999)] },
      (source) => loose.readDicomSeries!(source),
    ),
    ...optionsOf({ ...notDevice, 'series a number': { series: 3 } }, (options) =>
      loose.readDicomSeries!('/nowhere', options),
    ),
  ],
};

const annotationOptions = {
  'imageHeight 0': { imageHeight: 0 },
  'imageHeights a number': { imageHeights: 3 },
  'countsFromOne text': { countsFromOne: 'yes' },
};
const tables: Record<string, BadCall[]> = {
  readAnnotations: ofPath('readAnnotations', annotationOptions),
  readFileList: ofPath('readFileList'),
  parseAnnotations: [
    ...each(
      { missing: undefined, null: null, 'a number': 3, empty: '', 'other columns': 'a,b\n1,2\n' },
      (text) => loose.parseAnnotations!(text),
    ),
    ...optionsOf(annotationOptions, (options) =>
      loose.parseAnnotations!('file,slice,study_level,x,y,width,height,label\n', options),
    ),
  ],
};

export const storingCalls: Readonly<Record<string, readonly BadCall[]>> = { ...hdf5, ...arrays, ...tables };
