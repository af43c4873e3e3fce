import { ArgumentError, checkNumber, describe } from '@adjoint/tensor';

export interface LinearFilter {
  /** Q: what each singular value of A is answered with; B = V diag(Q) U^H. In the order given. */
  readonly gains: readonly number[];
  /** The common level of the capped gains, also the largest: max_‖d‖≤1 ‖B d‖. */
  readonly cap: number;
  /** m*: how many of the smallest singular values are capped. */
  readonly capped: number;
}

/**
 * The linear reconstruction that is best against a bounded perturbation of the measurement: the minimiser B = V diag(Q) U^H of
 *
 *     (1 + λ) ‖B A − I‖_F² + λ ε² ‖B‖₂²,    A = U diag(S) V^H,
 *
 * which is the pseudo-inverse with its largest gains capped: with S₁ ≤ S₂ ≤ … and c = λε²/(1 + λ),
 * q_k = (S₁ + … + S_k)/(S₁² + … + S_k² + c), m* the least k with k = r or q_k ≥ 1/S_{k+1}; Q_i = q_{m*} for i ≤ m*, 1/S_i beyond.
 * The adversary does not depend on the image, whose entries are white.
 *
 * @param singularValues S > 0, any order
 * @param lambda λ ≥ 0
 * @param epsilon ε ≥ 0, absolute
 * @throws ArgumentError
 * @example linearFilter([1, 0.5, 0.1], 1, 0.5).gains; // [1, 1.558, 1.558]
 * Reference: Raj, Bresler & Li, ICML 2020.
 */
export function linearFilter(
  singularValues: ArrayLike<number>,
  lambda: number,
  epsilon: number,
): LinearFilter {
  const fn = 'linearFilter';
  const S = Array.from(singularValues ?? []);
  if (S.length === 0)
    throw new ArgumentError({
      ...{ fn, argument: 'singularValues', expected: 'at least one number', got: describe(singularValues) },
    });
  S.forEach((s, i) => {
    checkNumber(fn, `singularValues[${i}]`, s, { positive: true });
  });
  checkNumber(fn, 'lambda', lambda, { min: 0 });
  checkNumber(fn, 'epsilon', epsilon, { min: 0 });
  const sorted = [...S].sort((a, b) => a - b);
  const c = (lambda * epsilon ** 2) / (1 + lambda);
  let [sum, squares, capped, cap] = [0, c, 0, 0];
  for (const s of sorted) {
    if (capped > 0 && cap >= 1 / s) break;
    sum += s;
    squares += s ** 2;
    capped++;
    cap = sum / squares;
  }
  return { gains: S.map((s) => Math.min(1 / s, cap)), cap, capped };
}
