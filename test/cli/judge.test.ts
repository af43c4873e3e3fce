import { BudgetError, DeviceError, FormatError, NumericalError, ShapeError } from '@adjoint/tensor';
import { afterEach, expect, test } from 'vitest';
import { judge, UsageError } from '../../apps/cli/src/failure.js';

const going = new AbortController().signal;

afterEach(() => {
  delete process.env.ADJOINT_DEBUG;
});

test('wrong command lines and wrong input are 2, with the message of whoever refused', () => {
  const refusals = [UsageError, FormatError, ShapeError, NumericalError].map((Kind) => new Kind('because'));
  for (const error of refusals) expect(judge(error, going)).toEqual({ code: 2, message: 'because' });
  const unreadable = new FormatError('openH5: cannot read k.h5: dataset "x" is missing.');
  expect(judge(unreadable, going).message).toBe('cannot read k.h5: dataset "x" is missing.');
  const lost = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: 'k.h5' });
  expect(judge(lost, going)).toEqual({ code: 2, message: 'k.h5: no such file or folder.' });
});

test('what the machine lacks is 1', () => {
  for (const error of [new DeviceError('no GPU'), new BudgetError('no memory')])
    expect(judge(error, going)).toEqual({ code: 1, message: error.message });
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  expect(judge(full, going)).toEqual({ code: 1, message: full.message });
});

test('our own mistakes are 1, and show their stack only if asked', () => {
  const mistake = new TypeError('undefined is not a function');
  const { code, message } = judge(mistake, going);
  expect(code).toBe(1);
  expect(message).toMatch(/^undefined is not a function\n.*ADJOINT_DEBUG=1/);
  expect(message).not.toContain('judge.test');
  process.env.ADJOINT_DEBUG = '1';
  expect(judge(mistake, going).message).toContain('judge.test');
});

test('after an interruption it does not matter what failed on the way', () => {
  expect(judge(new TypeError('aborted half way'), AbortSignal.abort()).code).toBe(130);
});
