import type { I32 } from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg } from '../../backend/wasm/plan.js';

/** What the kernel is told about a sweep, in this order. */
const names = [
  'input',
  'output',
  /** Groups of all repetitions, and how many of them are one task's and one repetition's. */
  'groups',
  'perTask',
  'perOuter',
  /** From one repetition (transform) to the next. */
  'outerBytes',
  'laneBytes',
  /** Transforms of a repetition, and of a group. */
  'lanes',
  'width',
  /** Programs of a whole group, of four of its transforms, of fewer. */
  'whole',
  'four',
  'narrow',
] as const;

export type SweepWords<T> = Readonly<Record<(typeof names)[number], T>>;

export const sweepWordCount = names.length;

export const listSweep = (words: SweepWords<WasmArg>): WasmArg[] => names.map((name) => words[name]);

/** The words of a sweep from argument word `first` on. */
export const readSweep = ({ arg }: KernelScope, first: number): SweepWords<I32> =>
  Object.fromEntries(names.map((name, i) => [name, arg(first + i)])) as SweepWords<I32>;
