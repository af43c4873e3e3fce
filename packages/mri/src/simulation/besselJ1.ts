const seriesLimit = 25;

/**
 * J_1(x), the Bessel function of the first kind of order 1, to about 1e-15: Miller's downward recurrence for
 * |x| < 25, Hankel's asymptotic series beyond. Source: Abramowitz & Stegun 9.12 and 9.2.5.
 */
export function besselJ1(x: number): number {
  const t = Math.abs(x);
  const value = t < seriesLimit ? byRecurrence(t) : byAsymptotics(t);
  return x < 0 ? -value : value;
}

/** J_{n-1} = (2n/x) J_n - J_{n+1} downwards from an arbitrary start, scaled by J_0 + 2 Σ J_{2k} = 1. */
function byRecurrence(x: number): number {
  if (x < 1e-8) return x / 2;
  const start = 2 * Math.ceil((x + 30) / 2);
  let [above, here] = [0, 1e-290];
  let total = 0;
  let first = 0;
  for (let n = start; n > 0; n--) {
    [above, here] = [here, ((2 * n) / x) * here - above];
    if (n === 2) first = here;
    if ((n - 1) % 2 === 0) total += n === 1 ? here : 2 * here;
  }
  return first / total;
}

/** √(2/πx) (P cos χ - Q sin χ), χ = x - 3π/4. */
function byAsymptotics(x: number): number {
  let [p, q, term] = [1, 0, 1];
  for (let k = 1; k < 2 * x && Math.abs(term) > 1e-17; k++) {
    term *= (4 - (2 * k - 1) * (2 * k - 1)) / (k * 8 * x);
    // signs of the two series: P + - + -, each with the even terms; Q the odd ones
    const sign = k % 4 < 2 ? 1 : -1;
    if (k % 2 === 0) p += sign * term;
    else q += sign * term;
  }
  const angle = x - 0.75 * Math.PI;
  return Math.sqrt(2 / (Math.PI * x)) * (p * Math.cos(angle) - q * Math.sin(angle));
}
