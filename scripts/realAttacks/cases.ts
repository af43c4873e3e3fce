/** A method and the attack on it, in words of `adjoint attack`. */
export interface Case {
  /** As the tables call it. */
  readonly name: string;
  readonly attack: 'apgd' | 'joint' | 'unrolled';
  readonly options: readonly string[];
}

/** Of the attacks by gradients. `joint` takes as many as it does by default, which are much cheaper. */
export const gradientSteps = 30;
export const epsilons: readonly number[] = [0.02, 0.05];

/** Gradients go through every iteration at every step: fewer of them than the methods take by default. */
const unrolled = (method: string, iterations: number): Case => ({
  name: `${method}, ${iterations} iterations`,
  attack: 'unrolled',
  options: ['--method', method, '--iterations', `${iterations}`],
});

export const cases: readonly Case[] = [
  { name: 'zero-filled', attack: 'apgd', options: ['--method', 'zero-filled'] },
  unrolled('cg-sense', 20),
  { name: 'l1', attack: 'joint', options: ['--method', 'l1'] },
  unrolled('l1', 40),
  { name: 'tv', attack: 'joint', options: ['--method', 'tv'] },
  { name: 'unet', attack: 'apgd', options: ['--method', 'unet', '--weights', 'unet-head-t1'] },
];

/** Of `adjoint attack`, but for its files. */
export const attackWords = ({ attack, options }: Case, epsilon: number): string[] => [
  ...options,
  ...['--attack', attack, '--eps', `${epsilon}`],
  ...(attack === 'joint' ? [] : ['--steps', `${gradientSteps}`]),
];
