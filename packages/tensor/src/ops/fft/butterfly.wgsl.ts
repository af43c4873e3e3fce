import { unitRoot } from './unitRoot.js';

/**
 * WGSL of `dft<r>`: X_k = Σ_j x_j exp(−2πi·jk/r) of r values in registers, r without a prime factor
 * above 7. Composite radices are split once more within registers; constants are rounded from f64.
 */
export function butterflyFunction(radix: number): string {
  const text = new Butterfly();
  const results = text.transform(Array.from({ length: radix }, (_, j) => `x[${j}]`));
  const type = `array<vec2f, ${radix}>`;
  return [
    `fn dft${radix}(x: ${type}) -> ${type} {`,
    ...text.lines.map((line) => `  ${line}`),
    `  return ${type}(${results.join(', ')});`,
    '}',
  ].join('\n');
}

class Butterfly {
  readonly lines: string[] = [];

  /** DFT of named values; returns names of the results. */
  transform(x: readonly string[]): string[] {
    const r = x.length;
    const first = divisorBelowRoot(r);
    if (first > 1) return this.split(x, first, r / first);
    return r === 2 ? this.two(x[0]!, x[1]!) : r === 1 ? [...x] : this.oddPrime(x);
  }

  /** Gives a value a name. */
  private name(value: string): string {
    const name = `t${this.lines.length}`;
    this.lines.push(`let ${name} = ${value};`);
    return name;
  }

  /** J. Cooley, J. Tukey 1965: j = r₂·j₁ + j₂, k = k₁ + r₁·k₂. */
  private split(x: readonly string[], r1: number, r2: number): string[] {
    const columns = Array.from({ length: r2 }, (_, j2) =>
      this.transform(Array.from({ length: r1 }, (_, j1) => x[r2 * j1 + j2]!)),
    );
    const result: string[] = [];
    for (let k1 = 0; k1 < r1; k1++) {
      const row = columns.map((column, j2) => this.turned(column[k1]!, k1 * j2, r1 * r2));
      this.transform(row).forEach((name, k2) => {
        result[k1 + r1 * k2] = name;
      });
    }
    return result;
  }

  /** value·exp(−2πi·k/n) */
  private turned(value: string, k: number, n: number): string {
    if (k === 0) return value;
    if (4 * k === n) return this.name(`vec2f(${value}.y, -${value}.x)`);
    const [re, im] = unitRoot(-k, n);
    return this.name(`product(${value}, vec2f(${re}, ${im}))`);
  }

  private two(a: string, b: string): string[] {
    return [this.name(`${a} + ${b}`), this.name(`${a} - ${b}`)];
  }

  /** Legs j and p − j share cosines and, but for the sign, sines. */
  private oddPrime(x: readonly string[]): string[] {
    const p = x.length;
    const half = (p - 1) / 2;
    const pairs = Array.from({ length: half }, (_, j) => this.two(x[j + 1]!, x[p - 1 - j]!));
    const result = [this.name([x[0]!, ...pairs.map(([sum]) => sum)].join(' + '))];
    for (let k = 1; k <= half; k++) {
      const weighted = (part: 0 | 1) =>
        pairs.map((pair, j) => `${unitRoot((j + 1) * k, p)[part]} * ${pair[part]}`);
      const even = this.name([x[0]!, ...weighted(0)].join(' + '));
      const odd = this.name(weighted(1).join(' + '));
      result[k] = this.name(`${even} + vec2f(${odd}.y, -${odd}.x)`);
      result[p - k] = this.name(`${even} - vec2f(${odd}.y, -${odd}.x)`);
    }
    return result;
  }
}

function divisorBelowRoot(n: number): number {
  let best = 1;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) best = d;
  return best;
}
