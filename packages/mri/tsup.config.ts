import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig([], {
  // the worker stands beside the bundle, which finds it by its address
  entry: { index: 'src/index.ts', h5Worker: 'src/io/hdf5/h5Worker.js' },
});
