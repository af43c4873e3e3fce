import {
  type FunctionBuilder,
  type FunctionHandle,
  type I32,
  type Int,
  i32,
  type Local,
  ModuleBuilder,
  type ValueType,
} from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmCode, WasmTarget } from '../../backend/wasm/plan.js';
import { loadRows, multiply, storeNarrow, storeRows } from './copyPass.wasm.js';
import { type DefinedWork, defineWork, type FusedWork, fusedArgs, fusedKey } from './fusedWork.wasm.js';
import { type PassBody, radixPass, read } from './pass.wasm.js';
import { primePass } from './primePass.wasm.js';
import { radixOperations, recordWords } from './record.js';
import { readSweep, type SweepWords, sweepWordCount } from './sweepWords.js';

const words = (count: number): ValueType[] => new Array<ValueType>(count).fill('i32');

/** Bodies in the order of `operations`. */
const passBodies = (target: WasmTarget): PassBody[] => [
  ...radixOperations.map(({ stage, radix }) =>
    radix === 'prime' ? primePass(target, stage) : radixPass(target, radix, stage),
  ),
  loadRows,
  storeRows,
  storeNarrow,
  multiply(target),
];

/**
 * The kernel of all Fourier transforms: interprets the programs of `program.ts`. Every pass is a function of its own,
 * because engines optimise functions one by one, by how often they are called. There is one, and one more for every
 * element-wise work that is fused into it.
 *
 * Arguments: table, temporary memory (0: use the scratch) and its bytes per task, number of sweeps, the words of
 * the element-wise work, then those of each sweep.
 */
export const fftKernel = (target: WasmTarget, sweeps: 1 | 2, fused: FusedWork): WasmCode =>
  target.kernel(`fft${fused.store ? ` ${sweeps}` : ''}${fusedKey(fused)}`, (f, scope) => {
    const program = includeProgram(scope.module, target);
    const { load, storeGroup, storeTask } = defineWork(f, scope, target, fused, fixedWords);
    const [first, second] = [0, 1].map((i) =>
      readSweep(scope, fixedWords + fusedArgs(fused).length + i * sweepWordCount),
    ) as [SweepWords<I32>, SweepWords<I32>];
    const work = f.let(scope.scratch);
    f.if(scope.arg(1), () => work.set(i32.add(scope.arg(1), i32.mul(scope.task, scope.arg(2)))));
    const run = (words: SweepWords<I32>, around: DefinedWork) =>
      sweep(f, scope, words, work, program, around);
    run(first, { load, storeGroup: sweeps === 1 ? storeGroup : undefined });
    f.if(i32.gtU(scope.arg(3), 1), () => run(second, { storeGroup }));
    storeTask?.(sweeps === 1 ? first : second);
  });

/** Argument words before those of element-wise work and sweeps. */
const fixedWords = 4;

/** Runs the program of each group that belongs to this task. */
function sweep(
  f: FunctionBuilder,
  { task, arg }: KernelScope,
  words: SweepWords<I32>,
  work: Local<'i32'>,
  program: FunctionHandle,
  { load, storeGroup }: DefinedWork,
): void {
  const { input, output, groups, perTask, perOuter, outerBytes, laneBytes, lanes, width } = words;
  const table = f.let(arg(0));
  const start = f.let(i32.mul(task, perTask));
  const end = f.let(i32.minS(i32.add(start, perTask), groups));
  f.for(start, end, 1, (group) => {
    const outer = f.let(i32.divU(group, perOuter));
    const first = f.let(i32.mul(i32.sub(group, i32.mul(outer, perOuter)), width));
    const offset = f.let(i32.add(i32.mul(outer, outerBytes), i32.mul(first, laneBytes)));
    const rest = f.let(i32.sub(lanes, first));
    const part = { offset: f.let(offset), lanes: f.let(i32.minS(rest, width)) };
    const call = (name: I32, count: Int) =>
      f.call(program, [
        i32.add(table, name),
        i32.add(load ? output : input, offset),
        i32.add(output, offset),
        table,
        work,
        count,
      ]);
    load?.(words, part);
    f.if(
      i32.geS(rest, width),
      () => call(words.whole, 4),
      () => {
        f.while(
          () => i32.geS(rest, 4),
          () => {
            call(words.four, 4);
            offset.set(i32.add(offset, i32.shl(laneBytes, 2)));
            rest.increase(-4);
          },
        );
        f.if(rest, () => call(words.narrow, rest));
      },
    );
    storeGroup?.(words, part);
  });
}

interface ProgramLibrary {
  readonly module: ModuleBuilder;
  readonly program: FunctionHandle;
}
const libraries = new WeakMap<WasmTarget, ProgramLibrary>();
const including = new WeakSet<ModuleBuilder>();

/** Adds the interpreter to a module once, as its first functions. They are assembled once for all kernels. */
export function includeProgram(module: ModuleBuilder, target: WasmTarget): FunctionHandle {
  let library = libraries.get(target);
  if (!library) {
    const own = new ModuleBuilder(false);
    libraries.set(target, (library = { module: own, program: programFunction(own, target) }));
  }
  if (!including.has(module)) module.include(library.module);
  including.add(module);
  return library.program;
}

/** (program, input, output, table, work, lanes): calls the pass of each record. */
function programFunction(module: ModuleBuilder, target: WasmTarget): FunctionHandle {
  const passes = passBodies(target).map((body) => passFunction(module, body));
  return module.function(words(6), (f) => {
    const [record, input, output, table, work, lanes] = parameters(f);
    const operation = f.let(read(record, 'operation'));
    f.while(
      () => i32.ne(operation, -1),
      () => {
        const x = f.let(i32.add(work, read(record, 'x')));
        f.if(read(record, 'xInMemory'), () => x.set(i32.add(input, read(record, 'x'))));
        const y = f.let(i32.add(work, read(record, 'y')));
        f.if(read(record, 'yInMemory'), () => y.set(i32.add(output, read(record, 'y'))));
        dispatch(f, operation, passes, 0, (pass) => f.call(pass, [record, x, y, table, work, lanes]));
        record.increase(4 * recordWords);
        operation.set(read(record, 'operation'));
      },
    );
  });
}

const parameters = (f: FunctionBuilder) =>
  Array.from({ length: 6 }, (_, i) => f.parameter<'i32'>(i)) as [
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
  ];

function passFunction(module: ModuleBuilder, body: PassBody): FunctionHandle {
  return module.function(words(6), (f) => {
    const [record, x, y, table, work, lanes] = parameters(f);
    body(f, { record, x, y, table, work, lanes });
  });
}

/** A binary tree of branches over operation numbers from `first`. */
function dispatch(
  f: FunctionBuilder,
  operation: I32,
  passes: readonly FunctionHandle[],
  first: number,
  call: (pass: FunctionHandle) => void,
): void {
  if (passes.length === 1) {
    call(passes[0]!);
    return;
  }
  const half = passes.length >> 1;
  f.if(
    i32.ltU(operation, first + half),
    () => dispatch(f, operation, passes.slice(0, half), first, call),
    () => dispatch(f, operation, passes.slice(half), first + half, call),
  );
}
