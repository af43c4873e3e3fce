/** Polynomials of the transcendental functions, highest power first: those of Cephes (Moshier). */

/** (eʳ − 1 − r) / r² for |r| <= ln 2 / 2. */
export const expCoefficients = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];
/** (log(1 + t) − t + t² / 2) / t³ for 1 + t in [sqrt(1/2), sqrt(2)). */
export const logCoefficients = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];
/** (sin r − r) / r³ in r², for |r| <= π/4. */
export const sinCoefficients = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1];
/** (cos r − 1 + r² / 2) / r⁴ in r², for |r| <= π/4. */
export const cosCoefficients = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2];
/** (atan t − t) / t³ in t², for |t| <= tan(π/8). */
export const atanCoefficients = [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1];
