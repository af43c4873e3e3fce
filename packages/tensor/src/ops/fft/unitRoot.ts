/**
 * exp(2πi·k/n) in double precision for any integers k, n > 0. The index is reduced exactly and the angle
 * folded into the first octant, so that errors do not grow with k and symmetric roots are symmetric in
 * their bits (quarter turns are exactly 0 and ±1).
 */
export function unitRoot(k: number, n: number): readonly [re: number, im: number] {
  const j = ((k % n) + n) % n;
  const octant = Math.floor((8 * j) / n);
  const rest = 8 * j - octant * n;
  const isOdd = octant % 2 === 1;
  const angle = (Math.PI / 4) * ((isOdd ? n - rest : rest) / n);
  // sin and cos of π/4 differ in their last bit
  const isDiagonal = isOdd && rest === 0;
  const re = isDiagonal ? Math.SQRT1_2 : Math.cos(angle);
  const im = isDiagonal ? Math.SQRT1_2 : Math.sin(angle);
  return quarterTurn(re, isOdd ? -im : im, ((octant + 1) >> 1) & 3);
}

/** (re + i·im)·i^turns. Adding 0 turns -0 into 0. */
function quarterTurn(re: number, im: number, turns: number): readonly [number, number] {
  if (turns === 0) return [re, im + 0];
  if (turns === 1) return [-im + 0, re];
  if (turns === 2) return [-re, -im + 0];
  return [im + 0, -re];
}
