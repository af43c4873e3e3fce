import type { WgslTarget } from '../../backend/webgpu/plan.js';
import { butterflyFunction } from './butterfly.wgsl.js';
import { chunksOf, isUnrolled, primePairs, radicesOf, type Tile, tileOf } from './tiling.wgsl.js';

/** Where a transform takes its values from and leaves them. */
interface Run {
  readonly from: 'memory' | 'workgroup';
  readonly to: 'memory' | 'workgroup';
}

/** A pass: `span` butterflies a transform, results of earlier passes interleaved `before`-fold. */
interface Pass {
  readonly number: number;
  readonly radix: number;
  readonly before: number;
  readonly span: number;
  readonly isLast: boolean;
}

/**
 * WGSL of transforms of length n in the memory of a work group: Stockham's passes, decimation in frequency,
 *
 *   y[q + s(r·p + k)] = exp(−2πi·s·p·k/n) Σ_i x[q + s·p + i·n/r] exp(−2πi·ik/r),   s = product of earlier radices.
 *
 * There is one buffer: between two barriers the results wait in registers until all have read. The kernel
 * declares `root(i)`, exp(−2πi·i/n); `inside(at)`, whether there is a transform at a place of the tile;
 * `element(at, j)` and `put(at, k, value)`, memory; `filtered(k, value)`, which `run` keeps in the work group.
 * A place `at` is (lane, butterfly, block): 2^p.laneShift lanes side by side in memory, then blocks of them.
 *
 * T. Stockham, "High-speed convolution and correlation", 1966.
 */
export class StockhamText {
  readonly tile: Tile;
  readonly radices: readonly number[];
  private readonly functions = new Map<string, string>();
  private readonly lines: string[] = [];
  private readonly passes: readonly Pass[];
  /** Whether the work group's memory holds values. */
  private isFilled = false;

  /**
   * @param elementsFirst neighbouring invocations store neighbouring results of one transform, not one result of
   * neighbouring transforms
   */
  constructor(
    private readonly n: number,
    runs: readonly Run[],
    private readonly elementsFirst: boolean,
    target: WgslTarget,
  ) {
    this.radices = radicesOf(n);
    let before = 1;
    this.passes = this.radices.map((radix, number) => {
      const pass = { number, radix, before, span: n / radix, isLast: number === this.radices.length - 1 };
      before *= radix;
      return pass;
    });
    this.tile = tileOf(n, runs.length > 1 ? this.radices : this.radices.slice(1, -1), target);
    for (const run of runs) this.run(run);
  }

  get body(): string {
    return this.lines.join('\n');
  }

  get declarations(): string {
    const { n, tile } = this;
    const shared = `
var<workgroup> values: array<vec2f, ${16 * Math.ceil((n * tile.transforms) / 16)}>;

// Element j of a transform. The exclusive or spreads strides of powers of two over the banks of the memory.
fn place(at: vec3u, j: u32) -> u32 {
  let i = at.x + ((j + ${n}u * at.z) << p.laneShift);
  return i ^ ((i >> 4u) & 15u);
}`;
    return [...(this.isFilled ? [shared] : []), ...this.functions.values()].join('\n\n');
  }

  private run({ from, to }: Run): void {
    for (const pass of this.passes) {
      const source = pass.number === 0 ? from : 'workgroup';
      const destination = pass.isLast ? to : 'workgroup';
      const read = this.reader(pass, source, destination);
      const write = this.writer(pass, destination);
      if (source === 'workgroup' && destination === 'workgroup') this.exchange(pass, read, write);
      else this.stream(pass, read, write);
      if (destination === 'workgroup') this.lines.push('workgroupBarrier();');
      this.isFilled ||= destination === 'workgroup';
    }
  }

  /** Nothing read is overwritten: each butterfly is read and written at once. */
  private stream(pass: Pass, read: string, write: string): void {
    const [count, size] = [this.count(pass), this.tile.workgroupSize];
    const loop = `for (var item = local; item < ${count}u; item += ${size}u) { ${write}(item, ${read}(item)); }`;
    const once = `if (local < ${count}u) { ${write}(local, ${read}(local)); }`;
    this.lines.push(count > size ? loop : once);
  }

  /** All invocations read before any writes. */
  private exchange(pass: Pass, read: string, write: string): void {
    const [count, size] = [this.count(pass), this.tile.workgroupSize];
    const rounds = Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
      name: `x${this.lines.length}_${i}`,
      item: i === 0 ? 'local' : `local + ${i * size}u`,
    }));
    for (const { name, item } of rounds)
      this.lines.push(
        `var ${name}: array<vec2f, ${resultsOf(pass)}>;`,
        `if (${item} < ${count}u) { ${name} = ${read}(${item}); }`,
      );
    this.lines.push('workgroupBarrier();');
    for (const { name, item } of rounds)
      this.lines.push(`if (${item} < ${count}u) { ${write}(${item}, ${name}); }`);
  }

  private declare(name: string, text: () => string): string {
    if (!this.functions.has(name)) this.functions.set(name, text());
    return name;
  }

  /** Butterflies of the tile in this pass, or parts of them. */
  private count(pass: Pass): number {
    return this.tile.transforms * pass.span * chunksOf(pass.radix);
  }

  /** Text that finds the place of an item, and the results it has of a prime radix. */
  private placing({ radix, span }: Pass, to: Run['to']): string {
    const { transforms } = this.tile;
    const butterflies = `${transforms * span}u`;
    const item = isUnrolled(radix) ? 'item' : `(item % ${butterflies})`;
    const lines =
      to === 'memory' && this.elementsFirst
        ? [`let butterfly = ${item} % ${span}u;`, `let transform = ${item} / ${span}u;`]
        : [
            `let above = ${item} >> p.laneShift;`,
            `let butterfly = above % ${span}u;`,
            `let transform = ${item} % lanes + ((above / ${span}u) << p.laneShift);`,
          ];
    lines.unshift('let lanes = 1u << p.laneShift;');
    lines.push('let at = vec3u(transform % lanes, butterfly, transform >> p.laneShift);');
    if (!isUnrolled(radix))
      lines.push(`let k = ${primePairs}u * (item / ${butterflies}) + vec4u(0, 1, 2, 3);`);
    return lines.map((line) => `  ${line}`).join('\n');
  }

  private reader(pass: Pass, from: Run['from'], to: Run['to']): string {
    const { radix, number } = pass;
    const name = `${from === 'memory' ? 'read' : 'legs'}${number}`;
    if (radix > 1 && isUnrolled(radix)) this.declare(`dft${radix}`, () => butterflyFunction(radix));
    const lines = isUnrolled(radix) ? unrolledLines(pass, from) : primeLines(pass);
    return this.declare(name, () =>
      [
        `fn ${name}(item: u32) -> array<vec2f, ${resultsOf(pass)}> {`,
        this.placing(pass, to),
        ...lines,
        '}',
      ].join('\n'),
    );
  }

  private writer(pass: Pass, to: Run['to']): string {
    const { radix, number } = pass;
    const name = `${to === 'memory' ? 'put' : 'keep'}${number}`;
    const lines = legsOf(radix).map(({ leg, value, condition }) => {
      const line = to === 'memory' ? putLine(pass, leg, value) : keepLine(pass, leg, value);
      return condition ? `  if (${condition}) { ${line} }` : `  ${line}`;
    });
    return this.declare(name, () =>
      [
        `fn ${name}(item: u32, x: array<vec2f, ${resultsOf(pass)}>) {`,
        this.placing(pass, to),
        ...(to === 'memory' ? ['  if (!inside(at)) { return; }'] : []),
        ...(isUnrolled(radix) && !pass.isLast ? twiddleLines(pass) : []),
        ...lines,
        '}',
      ].join('\n'),
    );
  }
}

/** Results that an invocation has. */
const resultsOf = ({ radix }: Pass): number => (isUnrolled(radix) ? radix : 2 * primePairs);

function unrolledLines({ radix, span }: Pass, from: Run['from']): string[] {
  const leg = (i: number) => {
    const j = i === 0 ? 'at.y' : `at.y + ${i * span}u`;
    return from === 'memory' ? `element(at, ${j})` : `values[place(at, ${j})]`;
  };
  const legs = Array.from({ length: radix }, (_, i) => `  x[${i}] = ${leg(i)};`);
  return [
    `  var x: array<vec2f, ${radix}>;`,
    ...(from === 'memory' ? ['  if (!inside(at)) { return x; }'] : []),
    ...legs,
    `  return ${radix > 1 ? `dft${radix}(x)` : 'x'};`,
  ];
}

/**
 * X_{±k} = x_0 + Σ_j cos(2πjk/p)(x_j + x_{p−j}) ∓ i sin(2πjk/p)(x_j − x_{p−j}) for a few k: several invocations
 * share a butterfly, for a large one would leave most of them without work.
 */
function primeLines({ radix, span }: Pass): string[] {
  const each = (lines: (i: number) => string[]) =>
    Array.from({ length: primePairs }, (_, i) => lines(i)).flat();
  return [
    '  var angle = vec4u();',
    ...each((i) => [`  var even${i} = values[place(at, at.y)];`, `  var odd${i} = vec2f();`]),
    `  for (var j = 1u; j <= ${(radix - 1) / 2}u; j++) {`,
    '    angle += k;',
    `    angle -= select(vec4u(), vec4u(${radix}u), angle >= vec4u(${radix}u));`,
    `    let a = values[place(at, at.y + ${span}u * j)];`,
    `    let b = values[place(at, at.y + ${span}u * (${radix}u - j))];`,
    ...each((i) => [
      `    let w${i} = root(${span}u * angle[${i}]);`,
      `    even${i} += w${i}.x * (a + b);`,
      `    odd${i} += w${i}.y * (a - b);`,
    ]),
    '  }',
    `  return array<vec2f, ${2 * primePairs}>(`,
    ...each((i) => [`    even${i} + vec2f(-odd${i}.y, odd${i}.x),`]),
    ...each((i) => [`    even${i} - vec2f(-odd${i}.y, odd${i}.x),`]),
    '  );',
  ];
}

/** WGSL of the number of a result, its value, and when there is one. */
interface Leg {
  readonly leg: string;
  readonly value: string;
  readonly condition?: string;
}

function legsOf(radix: number): Leg[] {
  if (isUnrolled(radix)) return Array.from({ length: radix }, (_, k) => ({ leg: `${k}u`, value: `x[${k}]` }));
  const half = (radix - 1) / 2;
  return Array.from({ length: primePairs }, (_, i) => [
    { leg: `k[${i}]`, value: `x[${i}]`, condition: `k[${i}] <= ${half}u` },
    {
      leg: `(${radix}u - k[${i}])`,
      value: `x[${primePairs + i}]`,
      condition: `k[${i}] > 0u && k[${i}] <= ${half}u`,
    },
  ]).flat();
}

const putLine = ({ before }: Pass, leg: string, value: string): string =>
  `put(at, at.y + ${times(before, leg)}, ${value});`;

function keepLine({ radix, before, isLast }: Pass, leg: string, value: string): string {
  if (isLast) {
    const k = `at.y + ${times(before, leg)}`;
    return `values[place(at, ${k})] = filtered(${k}, ${value});`;
  }
  const later = before === 1 ? 'at.y' : `(at.y / ${before}u)`;
  const j = times(before, `(${later} * ${radix}u + ${leg})`);
  const to = `place(at, ${before === 1 ? j : `at.y % ${before}u + ${j}`})`;
  if (!isUnrolled(radix))
    return `values[${to}] = product(${value}, root(${times(before, `${later} * ${leg}`)}));`;
  return `values[${to}] = ${leg === '0u' ? value : `product(${value}, w${Number.parseInt(leg, 10)})`};`;
}

/**
 * Twiddle factors w_k = exp(−2πi·s·p·k/n): those of powers of two from the table, the others products of two, which
 * costs less than to read them and hardly an error.
 */
function twiddleLines({ radix, before }: Pass): string[] {
  const later = before === 1 ? 'at.y' : `(at.y / ${before}u)`;
  return Array.from({ length: radix - 1 }, (_, i) => {
    const k = i + 1;
    const power = 2 ** Math.floor(Math.log2(k));
    return `  let w${k} = ${k === power ? `root(${times(before, `${later} * ${k}u`)})` : `product(w${power}, w${k - power})`};`;
  });
}

const times = (factor: number, value: string): string => (factor === 1 ? value : `${factor}u * ${value}`);
