/** An operator of mine, checked: blur by a phase, Fourier transform, keep some columns. */
import { compose, dotTest, type LinearOperator, linearOperator, multiplyOperator } from '@adjoint/autograd';
import {
  centredFft,
  centredIfft,
  complexNormal,
  init,
  key,
  type Shape,
  type Tensor,
  tensor,
  unitPhase,
} from '@adjoint/tensor';
import { isMain } from './isMain.js';

/** Unitary, so its adjoint is its inverse. */
const centredFftOperator = (shape: Shape): LinearOperator =>
  linearOperator({
    name: 'centredFft',
    domain: { shape, dtype: 'c64' },
    range: { shape, dtype: 'c64' },
    apply: (x: Tensor) => centredFft(x),
    adjoint: (y: Tensor) => centredIfft(y),
  });

export async function main(): Promise<{ error: number; wrongIsCaught: boolean }> {
  await init();
  const space = { shape: [15, 20], dtype: 'c64' } as const;
  const mask = tensor(Float32Array.from({ length: 20 }, (_, j) => (j % 3 === 0 ? 1 : 0)));
  const phase = unitPhase(complexNormal(key(0), [15, 20]));
  const measure = compose(
    multiplyOperator(mask, space),
    centredFftOperator(space.shape),
    multiplyOperator(phase),
  );
  const report = await dotTest(measure);

  // an adjoint that forgets to conjugate is what such tests are for
  const wrong = linearOperator({ ...multiplyOperator(phase), adjoint: (y) => y.mul(phase) });
  const wrongIsCaught = await dotTest(wrong).then(
    () => false,
    (error: Error) => {
      console.log(error.message);
      return true;
    },
  );
  return { error: report.maxError, wrongIsCaught };
}

if (isMain(import.meta.url)) console.log(await main());
