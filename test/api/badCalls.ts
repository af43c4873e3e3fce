import { autogradCalls } from './autogradCalls.js';
import type { BadCall } from './badCall.js';
import { mriCalls } from './mriCalls.js';
import { tensorCalls } from './tensorCalls.js';

/** Wrong calls of every public function that is not the subject of an op-table row. */
export const badCalls: Readonly<Record<string, readonly BadCall[]>> = {
  ...tensorCalls,
  ...autogradCalls,
  ...mriCalls,
};

const errorClass = 'a class of errors: made by this library, its parts are checked by the compiler';
const formatter = 'formats messages from types that were checked before; for those who write ops';

/** Public functions without wrong calls, and why. */
export const exempt: Readonly<Record<string, string>> = {
  AdjointError: errorClass,
  ArgumentError: errorClass,
  AxisError: errorClass,
  BudgetError: errorClass,
  DTypeError: errorClass,
  DeviceError: errorClass,
  FormatError: errorClass,
  NumericalError: errorClass,
  ShapeError: errorClass,
  TraceError: errorClass,
  UseAfterDisposeError: errorClass,
  DotTestError: errorClass,
  GradcheckError: errorClass,
  Device: 'made by init and createDevice; what users call of it (memory, finish, dispose) takes no arguments',
  H5File: 'made by openH5; its methods are tested with the files they read',
  levelOf: 'any numbers have a level; NaN has none',
  describe: 'takes any value',
  isScalar: 'takes any value: says whether it is a scalar',
  keep: 'takes any value: what is no tensor stays as it is',
  treeLeaves: 'takes any value: one without tensors has no leaves',
  disposeTree: 'takes any value: disposing twice is harmless, what is no tensor stays as it is',
  recompute: 'for those who write derivative rules: runs any function',
  primitiveOf: 'looks any value up, and finds nothing for what is no op',
  defineOp: 'returns its argument: only the compiler reads it',
  formatShape: formatter,
  formatType: formatter,
  sameShape: 'compares shapes that were checked before; for those who write ops',
  sizeOf: 'multiplies a shape that was checked before; for those who write ops',
  readNumbers: 'takes bytes whose number was checked before; for those who write file readers',
  sketch: 'internal: how the autograd package sees the body of a loop',
  loopBody: 'internal: compiles what scan has checked',
  runLoop: 'internal: runs what scan has checked',
  pushRecorder: 'internal: how the autograd package watches ops',
  removeRecorder: 'internal: how the autograd package watches ops',
};
