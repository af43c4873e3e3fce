import {
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  type Local,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import { type Lanes, timesRoot } from './butterfly.wasm.js';
import { loadColumns, loadWork, storeColumns, storeWork } from './lanes.wasm.js';
import { type PassArguments, type PassBody, read, repeat, twoLoops } from './pass.wasm.js';
import { type Stage, word } from './record.js';

interface PrimePass extends PassArguments {
  readonly target: WasmTarget;
  readonly f: FunctionBuilder;
  readonly stage: Stage;
  readonly radix: Local<'i32'>;
  /** (radix − 1)/2 */
  readonly half: Local<'i32'>;
  readonly xLegs: Local<'i32'>;
  readonly yLegs: Local<'i32'>;
  readonly roots: Local<'i32'>;
  /** Pairs of legs: sum, difference; 64 bytes each. */
  readonly pairs: Local<'i32'>;
  /** Cosines and sines, moved on as they are used. */
  readonly constants: Local<'i32'>;
}

/** A pass (see `radixPass`) for any odd prime radix by symmetric pairs, two k at a time. */
export function primePass(target: WasmTarget, stage: Stage): PassBody {
  return (f, args) => {
    const { record, table, work } = args;
    const at = (isMemory: boolean, field: 'xLegs' | 'yLegs') =>
      f.let(isMemory ? i32.add(table, read(record, field)) : read(record, field));
    const radix = f.let(read(record, 'radix'));
    const pass: PrimePass = {
      ...args,
      target,
      f,
      stage,
      radix,
      half: f.let(i32.shrU(radix, 1)),
      xLegs: at(stage === 'load', 'xLegs'),
      yLegs: at(stage === 'store', 'yLegs'),
      roots: f.let(i32.add(table, read(record, 'roots'))),
      pairs: f.let(i32.add(work, read(record, 'spare'))),
      constants: f.local('i32'),
    };
    twoLoops(f, args, stage, radix, pass.roots, () => primeButterfly(pass));
  };
}

function primeButterfly(pass: PrimePass): void {
  const { f, half, constants, table, record } = pass;
  stagePairs(pass);
  constants.set(i32.add(table, read(record, 'constants')));
  const k = f.let(1);
  f.while(
    () => i32.ltU(k, half),
    () => {
      symmetricOutputs(pass, k, 2);
      k.increase(2);
    },
  );
  f.if(i32.eq(k, half), () => symmetricOutputs(pass, k, 1));
}

const loadLeg = ({ f, stage, x, xLegs }: PrimePass, leg: I32): Lanes =>
  stage === 'load'
    ? loadColumns(f, f.let(i32.add(x, i32.load(i32.add(xLegs, i32.shl(leg, 2))))))
    : loadWork(f, f.let(i32.add(x, i32.mul(xLegs, leg))));

/** Leaves s_j, d_j for j = 1 … half and then x_0 in the spare memory, and stores y_0 = Σ x_j. */
function stagePairs(pass: PrimePass): void {
  const { f, half, radix, pairs } = pass;
  const first = loadLeg(pass, i32.const(0));
  const total = { re: f.let(first.re), im: f.let(first.im) };
  const j = f.let(1);
  const pair = f.let(pairs);
  repeat(f, half, () => {
    const a = loadLeg(pass, j);
    const b = loadLeg(pass, i32.sub(radix, j));
    const sum = { re: f.let(f32x4.add(a.re, b.re)), im: f.let(f32x4.add(a.im, b.im)) };
    storeWork(f, pair, sum);
    f.store('v128', pair, f32x4.sub(a.re, b.re), 32);
    f.store('v128', pair, f32x4.sub(a.im, b.im), 48);
    total.re.set(f32x4.add(total.re, sum.re));
    total.im.set(f32x4.add(total.im, sum.im));
    pair.increase(64);
    j.increase(1);
  });
  storeWork(f, pair, first);
  storeLeg(pass, f.let(0), total, false);
}

/** y_k and y_{p−k} for `count` neighbouring k: running sums over the pairs. */
function symmetricOutputs(pass: PrimePass, k: Local<'i32'>, count: 1 | 2): void {
  const { target, f, half, radix, pairs, constants } = pass;
  const pair = f.let(pairs);
  const origin = i32.add(pairs, i32.shl(half, 6));
  const sums = Array.from({ length: count }, () => ({
    evenRe: f.let(v128.load(origin)),
    evenIm: f.let(v128.load(origin, 16)),
    oddRe: f.let(f32x4.const(0)),
    oddIm: f.let(f32x4.const(0)),
  }));
  repeat(f, half, () => {
    const [sumRe, sumIm, difRe, difIm] = [0, 16, 32, 48].map((offset) => f.let(v128.load(pair, offset)));
    sums.forEach((sum, i) => {
      const c = f.let(v128.load32Splat(constants, 8 * i));
      const s = f.let(v128.load32Splat(constants, 8 * i + 4));
      sum.evenRe.set(target.madd(sumRe!, c, sum.evenRe));
      sum.evenIm.set(target.madd(sumIm!, c, sum.evenIm));
      sum.oddRe.set(target.madd(difRe!, s, sum.oddRe));
      sum.oddIm.set(target.madd(difIm!, s, sum.oddIm));
    });
    pair.increase(64);
    constants.increase(8 * count);
  });
  sums.forEach(({ evenRe, evenIm, oddRe, oddIm }, i) => {
    const leg = f.let(i32.add(k, i));
    const mirrored = f.let(i32.sub(radix, leg));
    storeLeg(pass, leg, { re: f32x4.add(evenRe, oddIm), im: f32x4.sub(evenIm, oddRe) });
    storeLeg(pass, mirrored, { re: f32x4.sub(evenRe, oddIm), im: f32x4.add(evenIm, oddRe) });
  });
}

function storeLeg(pass: PrimePass, leg: Local<'i32'>, value: Lanes, isTurned = true): void {
  const { target, f, stage, record, y, yLegs, roots } = pass;
  const named = { re: f.let(value.re), im: f.let(value.im) };
  if (stage === 'store') {
    const address = f.let(i32.add(y, i32.load(i32.add(yLegs, i32.shl(leg, 2)))));
    storeColumns(f, address, named, f.let(v128.load32Splat(record, 4 * word.scale)));
    return;
  }
  const address = f.let(i32.add(y, i32.mul(yLegs, leg)));
  if (stage === 'last' || !isTurned) storeWork(f, address, named);
  else storeWork(f, address, timesRoot(target, f, named, f.let(i32.add(roots, i32.shl(i32.sub(leg, 1), 3)))));
}
