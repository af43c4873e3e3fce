import {
  constI32,
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  i32x4,
  type Local,
  type V128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import { floatBits } from '../../backend/wasm/target.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import {
  copyOut,
  type LaneAddresses,
  type Lanes,
  loadDense,
  loadLanes,
  loadSplat,
  storeDense,
  storeLanes,
} from './access.wasm.js';
import type { Node, Program } from './expression.js';
import { type MathScope, type ReducedAngle, reduceAngle } from './math.wasm.js';
import { lowerNode } from './nodes.wasm.js';
import { emitRows, type Walk, type WalkWords } from './walk.wasm.js';

/** Scratch bytes per output, where the last, incomplete vector of a row goes first. */
const tailBytes = 64;

/** Where a kernel gets what its code does not contain. */
export interface KernelFrame {
  /** Scratch memory: room for the tails of the outputs. */
  readonly scratch: Local<'i32'>;
  /** Sizes and strides of the walk. */
  readonly words: WalkWords;
  /** Parameter `i` of the expressions, in the order in which the program has them. */
  parameter(i: number): I32;
}

/** Emits the kernel of one program and one access pattern. */
export class KernelEmitter implements MathScope {
  /** Vector constants by bit pattern, all set before the loops. */
  private readonly constants = new Map<number, Local<'v128'>>();
  /** Lanes of each node, as far as they have been computed. */
  private readonly values: (V128 | undefined)[] = [];
  private readonly operandLanes: Lanes[] = [];
  private readonly angles = new Map<number, ReducedAngle>();
  private readonly uses: number[];
  private readonly levels: Level[] = [];
  private readonly index: Local<'v128'>;
  private readonly rows: RowOperand[];

  constructor(
    readonly f: FunctionBuilder,
    private readonly frame: KernelFrame,
    readonly target: WasmTarget,
    private readonly program: Program,
    private readonly walk: Walk,
    private readonly inputs: readonly { readonly dtype: DType }[],
    private readonly outputs: readonly { readonly dtype: DType }[],
  ) {
    const { nodes } = program;
    this.uses = nodes.map(() => 0);
    nodes.forEach(({ node, args }, i) => {
      for (const arg of args) this.uses[arg]!++;
      this.levels[i] = args.reduce(
        (level, arg) => Math.max(level, this.levels[arg]!),
        this.leafLevel(node),
      ) as Level;
    });
    this.index = f.local('v128');
    this.rows = [...inputs, ...outputs].map(({ dtype }, k) => ({
      dtype,
      access: walk.access[k]!,
      step: f.local('i32'),
      lanes: [f.local('i32'), f.local('i32'), f.local('i32')],
    }));
  }

  private leafLevel(node: Node): Level {
    if (node.kind === 'index') return 2;
    if (node.kind !== 'operand') return 0;
    const access = this.walk.access[node.value];
    return access === 'fixed' ? 0 : access === 'scalar' ? 1 : 2;
  }

  constant(value: number): V128 {
    return this.intConstant(floatBits(value));
  }

  intConstant(value: number): V128 {
    const bits = value | 0;
    const known = this.constants.get(bits);
    if (known) return known;
    const made = this.f.local('v128');
    this.constants.set(bits, made);
    return made;
  }

  /**
   * @param bases addresses of element 0 of every operand.
   * @param ranges runs its argument for each range of elements wanted; may move the bases between ranges.
   */
  emit(bases: readonly Local<'i32'>[], ranges: (run: (first: I32, end: I32) => void) => void): void {
    const { f, walk, frame } = this;
    const inner = walk.dims.length - 1;
    const fillConstants = f.hole();
    this.rows.forEach((row, k) => {
      if (row.access === 'strided') row.step.set(frame.words.stride(k, inner));
    });
    this.compute(0, bases);
    ranges((first, end) =>
      emitRows(f, walk, frame.words, bases, { first, end }, (addresses, start, count) => {
        this.compute(1, addresses);
        this.emitRow(addresses, start, count);
      }),
    );
    fillConstants(() => {
      for (const [bits, local] of this.constants) local.set(i32x4.const(bits));
    });
  }

  /** Whole vectors in a loop; then, for what is left, the loop once more into scratch memory. */
  private emitRow(addresses: readonly Local<'i32'>[], start: I32, count: Local<'i32'>): void {
    const { f, rows } = this;
    const vectors = f.let(i32.shrU(count, 2));
    const rest = f.let(i32.and(count, 3));
    const tail = f.let(0);
    const outputs = addresses.slice(this.inputs.length);
    const ends = outputs.map(() => f.local('i32'));
    for (const row of rows) if (row.access === 'strided') this.setLaneSteps(row, row.step);
    this.index.set(i32x4.add(i32x4.splat(start), laneNumbers));
    f.while(
      () => i32.or(vectors, rest),
      () => {
        f.if(i32.eqz(vectors), () => this.beginTail({ vectors, rest, tail }, outputs, ends));
        f.doWhile(
          () => {
            this.emitVector(addresses);
            vectors.increase(-1);
          },
          () => vectors,
        );
        f.if(tail, () => this.endTail(ends, tail));
      },
    );
  }

  private beginTail(
    { vectors, rest, tail }: Record<'vectors' | 'rest' | 'tail', Local<'i32'>>,
    outputs: readonly Local<'i32'>[],
    ends: readonly Local<'i32'>[],
  ): void {
    const { f, rows, frame } = this;
    vectors.set(1);
    tail.set(rest);
    rest.set(0);
    // Lanes beyond the end read the first element again.
    for (const row of rows.slice(0, this.inputs.length))
      if (row.access === 'strided')
        row.lanes.forEach((lane, i) => {
          f.if(i32.leS(tail, i + 1), () => lane.set(0));
        });
    outputs.forEach((address, j) => {
      const row = rows[this.inputs.length + j]!;
      ends[j]!.set(address);
      address.set(i32.add(frame.scratch, tailBytes * j));
      if (row.access === 'strided') this.setLaneSteps(row, constI32(dtypeInfo[row.dtype].bytes));
    });
  }

  private endTail(ends: readonly Local<'i32'>[], tail: Local<'i32'>): void {
    ends.forEach((address, j) => {
      const row = this.rows[this.inputs.length + j]!;
      const { bytes } = dtypeInfo[row.dtype];
      const step = row.access === 'strided' ? row.step : constI32(bytes);
      const from = { scratch: this.frame.scratch, offset: tailBytes * j };
      copyOut(this.f, bytes, from, { address, step }, tail);
    });
  }

  private setLaneSteps(row: RowOperand, step: I32): void {
    row.lanes.forEach((lane, i) => {
      lane.set(i === 0 ? step : i32.mul(step, i + 1));
    });
  }

  /** One vector: loads, expressions, stores, and on to the next elements. */
  private emitVector(addresses: readonly Local<'i32'>[]): void {
    const { f, rows, program } = this;
    this.compute(2, addresses);
    let result = 0;
    this.outputs.forEach(({ dtype }, j) => {
      const k = this.inputs.length + j;
      const lanes = program.results
        .slice(result, (result += dtypeInfo[dtype].parts))
        .map((node) => this.values[node]!);
      if (rows[k]!.access === 'strided') storeLanes(f, dtype, laneAddresses(rows[k]!, addresses[k]!), lanes);
      else storeDense(f, dtype, addresses[k]!, lanes);
    });
    rows.forEach(({ dtype, access, step }, k) => {
      if (access === 'dense') addresses[k]!.increase(4 * dtypeInfo[dtype].bytes);
      else if (access === 'strided') addresses[k]!.increase(i32.shl(step, 2));
    });
    if (program.nodes.some(({ node }) => node.kind === 'index'))
      this.index.set(i32x4.add(this.index, i32x4.const(4)));
  }

  /** Computes the nodes that vary at one level: per kernel, per row or per vector. */
  private compute(level: Level, addresses: readonly Local<'i32'>[]): void {
    if (level === 0) this.operandLanes.length = 0;
    this.program.nodes.forEach(({ node, args }, i) => {
      if (this.levels[i] !== level) return;
      const value = this.lower(node, args, addresses);
      const isNamed = level < 2 || this.uses[i] !== 1;
      this.values[i] = isNamed ? this.f.let(value) : value;
    });
  }

  private lower(node: Node, args: readonly number[], addresses: readonly Local<'i32'>[]): V128 {
    switch (node.kind) {
      case 'operand':
        return this.load(node.value, addresses)[node.part]!;
      case 'constant':
        return node.type === 'i32' ? i32x4.const(node.value) : f32x4.const(node.value);
      case 'parameter':
        return i32x4.splat(this.frame.parameter(this.parameterNumber(node)));
      case 'index':
        return this.index;
      default: {
        const values = args.map((arg) => this.values[arg]!);
        return lowerNode(this, node, values, () => this.angle(args[0]!));
      }
    }
  }

  private parameterNumber(wanted: Node): number {
    return this.program.nodes
      .filter(({ node }) => node.kind === 'parameter')
      .findIndex(({ node }) => node === wanted);
  }

  private angle(arg: number): ReducedAngle {
    let angle = this.angles.get(arg);
    if (!angle) this.angles.set(arg, (angle = reduceAngle(this, this.f.let(this.values[arg]!))));
    return angle;
  }

  /** Both parts of a complex operand come from the same loads. */
  private load(k: number, addresses: readonly Local<'i32'>[]): Lanes {
    const { dtype, access } = this.rows[k]!;
    const known = this.operandLanes[k];
    if (known) return known;
    const address = addresses[k]!;
    const lanes =
      access === 'dense'
        ? loadDense(this.f, dtype, address)
        : access === 'strided'
          ? loadLanes(this.f, dtype, laneAddresses(this.rows[k]!, address))
          : loadSplat(dtype, address);
    this.operandLanes[k] = lanes;
    return lanes;
  }
}

/** How often a value changes: 0 never in a kernel, 1 with the row, 2 with every vector. */
type Level = 0 | 1 | 2;

interface RowOperand {
  readonly dtype: DType;
  readonly access: Walk['access'][number];
  /** Bytes from one element to the next along the row, where strided. */
  readonly step: Local<'i32'>;
  /** Bytes from lane 0 to lanes 1, 2, 3, where strided. */
  readonly lanes: readonly Local<'i32'>[];
}

const laneAddresses = ({ lanes }: RowOperand, address: I32): LaneAddresses => [
  address,
  i32.add(address, lanes[0]!),
  i32.add(address, lanes[1]!),
  i32.add(address, lanes[2]!),
];

const laneNumbers = [1, 2, 3].reduce((lanes, i) => i32x4.replace(lanes, i, constI32(i)), i32x4.const(0));
