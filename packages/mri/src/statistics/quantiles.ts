/**
 * The number that Student's t distribution stays below with probability p in [1/2, 1), to 12 digits; Infinity for no
 * degrees of freedom. The distribution function is 1 − I(ν/(ν + t²); ν/2, 1/2)/2, I the incomplete beta function.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees <= 0) return Infinity;
  const above = (t: number) => incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  let [low, high] = [0, 1];
  while (above(high) > 1 - p) [low, high] = [high, 2 * high];
  // to the last bit of a double
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (above(middle) > 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The normal distribution's quantile for p in [1/2, 1), to 9 digits. Coefficients: P. J. Acklam, 2003. */
export function normalQuantile(p: number): number {
  const tail = 1 - p;
  if (tail < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(tail));
    const above = [
      -7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
      2.938163982698783,
    ];
    const below = [7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
    return -polynomial(above, q) / polynomial(below, q);
  }
  const q = p - 0.5;
  const above = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const below = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
  ];
  return (polynomial(above, q * q) * q) / polynomial(below, q * q);
}

/** Coefficients from the highest power down. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((value, coefficient) => value * x + coefficient, 0);

/** I(x; a, b), by its continued fraction (DLMF 8.17.22), which converges fast below (a + 1)/(a + b + 2). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  let fraction = 1;
  // from its far end: more terms than 300 are never needed below the turning point
  for (let k = 300; k > 0; k--) {
    const m = Math.floor(k / 2);
    const term =
      k % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    fraction = 1 + term / fraction;
  }
  return Math.exp(logFront) / (a * fraction);
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log Γ(x) for x > 0; Lanczos' approximation. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x + 6.5;
  const series = lanczos.reduce((sum, c, k) => sum + (k === 0 ? c : c / (x - 1 + k)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}
