import { int, intConstant, type Node } from '../elementwise/expression.js';

/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64-bit blocks whose outputs at counters 0, 1, 2, … pass
 * the usual test batteries. Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (2011).
 */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const parity = 0x1bd11bda;
const rounds = 20;

export type Block<T> = readonly [T, T];

/** The block for a counter under a key, as i32 expressions. */
export function threefry([k0, k1]: Block<Node>, [c0, c1]: Block<Node>): Block<Node> {
  const keys = [k0, k1, int.xor(int.xor(k0, k1), intConstant(parity))];
  let x0 = int.add(c0, k0);
  let x1 = int.add(c1, k1);
  for (let round = 0; round < rounds; round++) {
    x0 = int.add(x0, x1);
    x1 = int.xor(int.rotl(x1, rotations[round % 8]!), x0);
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x0 = int.add(x0, keys[injection % 3]!);
    x1 = int.add(x1, int.add(keys[(injection + 1) % 3]!, intConstant(injection)));
  }
  return [x0, x1];
}

/** The same on host numbers, as signed 32-bit integers. */
export function hostThreefry([k0, k1]: Block<number>, [c0, c1]: Block<number>): [number, number] {
  const k2 = k0 ^ k1 ^ parity;
  const words = Int32Array.of(c0 + k0, c1 + k1);
  const inject = (a: number, b: number, count: number): void => {
    words[0]! += a;
    words[1]! += b + count;
  };
  const mix = (bits: number): void => {
    words[0]! += words[1]!;
    words[1] = ((words[1]! << bits) | (words[1]! >>> (32 - bits))) ^ words[0]!;
  };
  for (const bits of [13, 15, 26, 6]) mix(bits);
  inject(k1, k2, 1);
  for (const bits of [17, 29, 16, 24]) mix(bits);
  inject(k2, k0, 2);
  for (const bits of [13, 15, 26, 6]) mix(bits);
  inject(k0, k1, 3);
  for (const bits of [17, 29, 16, 24]) mix(bits);
  inject(k1, k2, 4);
  for (const bits of [13, 15, 26, 6]) mix(bits);
  inject(k2, k0, 5);
  return [words[0]!, words[1]!];
}
