// One-dimensional transforms of Winograd's F(4, 3) with the points 0, 1, -1, 2, -2, infinity:
// y = Aᵀ [(G g) ∘ (Bᵀ d)] gives 4 outputs of a 3-tap filter from 6 inputs with 6 products.
// Lavin and Gray, Fast algorithms for convolutional neural networks, 2016.

/** WGSL of Bᵀ d: 6 → 6. */
export const inputTransform = `fn inputTransform(d: array<f32, 6>) -> array<f32, 6> {
  let even = d[4] - 4.0 * d[2];
  let odd = d[3] - 4.0 * d[1];
  let near = d[4] - d[2];
  let far = 2.0 * (d[3] - d[1]);
  return array<f32, 6>(
    4.0 * d[0] - 5.0 * d[2] + d[4],
    even + odd,
    even - odd,
    near + far,
    near - far,
    4.0 * d[1] - 5.0 * d[3] + d[5],
  );
}`;

/** WGSL of G g: 3 → 6. */
export const weightTransform = `fn weightTransform(g: array<f32, 3>) -> array<f32, 6> {
  let outer = (g[0] + g[2]) * (-1.0 / 6.0);
  let inner = g[1] * (1.0 / 6.0);
  let wide = g[0] * (1.0 / 24.0) + g[2] * (1.0 / 6.0);
  let middle = g[1] * (1.0 / 12.0);
  return array<f32, 6>(0.25 * g[0], outer - inner, outer + inner, wide + middle, wide - middle, g[2]);
}`;

/** WGSL of Aᵀ m: 6 → 4. */
export const outputTransform = `fn outputTransform(m: array<f32, 6>) -> array<f32, 4> {
  let s1 = m[1] + m[2];
  let d1 = m[1] - m[2];
  let s2 = m[3] + m[4];
  let d2 = m[3] - m[4];
  return array<f32, 4>(m[0] + s1 + s2, d1 + 2.0 * d2, s1 + 4.0 * s2, d1 + 8.0 * d2 + m[5]);
}`;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/**
 * WGSL of M X Mᵀ, M being the matrix of `transform`: `element(i, j)` is the WGSL of X[i, j], `store` gets
 * that of result [i, j]. Unrolled, so that everything stays in registers.
 */
export function transformBothWays(
  transform: string,
  [from, to]: readonly [number, number],
  element: (i: number, j: number) => string,
  store: (i: number, j: number, value: string) => string,
): string {
  const six = (values: readonly string[]) => `${transform}(array<f32, ${from}>(${values.join(', ')}))`;
  return [
    ...range(from).map((j) => `let column${j} = ${six(range(from).map((i) => element(i, j)))};`),
    ...range(to).flatMap((i) => [
      `let row${i} = ${six(range(from).map((j) => `column${j}[${i}]`))};`,
      ...range(to).map((j) => store(i, j, `row${i}[${j}]`)),
    ]),
  ].join('\n');
}
