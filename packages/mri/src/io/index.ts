export type { Annotation, AnnotationOptions } from './annotations/readAnnotations.js';
export { parseAnnotations, readAnnotations, readFileList } from './annotations/readAnnotations.js';
export { kspaceOfBart, kspaceToBart } from './cfl/bartKspace.js';
export { type CflFiles, type CflOptions, decodeCfl, encodeCfl, readCfl, writeCfl } from './cfl/cfl.js';
export { type DicomOptions, type DicomSeries, readDicomSeries } from './dicom/readDicomSeries.js';
export type { EncodingLimit, IsmrmrdHeader, MatrixSize } from './fastmri/ismrmrdHeader.js';
export { type FastmriFile, type OpenFastmriOptions, openFastmri } from './fastmri/openFastmri.js';
export { type FastmriContent, writeFastmri } from './fastmri/writeFastmri.js';
export { encodeH5, type H5Contents, type ReadH5Options, readH5, writeH5 } from './hdf5/h5.js';
export {
  type H5Dataset,
  H5File,
  type H5Source,
  type OpenH5Options,
  openH5,
  type ReadH5DatasetOptions,
} from './hdf5/h5File.js';
export type { H5Attributes, H5Content, H5Slices, WriteH5Options } from './hdf5/h5Writer.js';
export type { H5AttributeValue } from './hdf5/messages.js';
export { type ConvertIsmrmrdOptions, convertIsmrmrd } from './ismrmrd/convertIsmrmrd.js';
export { type IsmrmrdFile, type OpenIsmrmrdOptions, openIsmrmrd } from './ismrmrd/openIsmrmrd.js';
export type { Selection } from './ismrmrd/volume.js';
export { decodeMinc, type Minc, type MincOptions, readMinc } from './minc/minc.js';
export {
  decodeNifti,
  encodeNifti,
  type Nifti,
  type NiftiOptions,
  readNifti,
  type WriteNiftiOptions,
  writeNifti,
} from './nifti/nifti.js';
