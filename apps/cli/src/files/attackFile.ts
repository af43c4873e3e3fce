import type { H5Content } from '@adjoint/mri';
import type { AttackResult } from '@adjoint/robustness';
import type { Tensor } from '@adjoint/tensor';

/** Datasets and attributes of a file of attacks, and the same in numbers. */
export async function attackFile(
  method: string,
  indices: readonly number[],
  results: readonly AttackResult[],
) {
  const { stack } = await import('@adjoint/tensor');
  const report = {
    method,
    slices: results.map((result, i) => ({
      slice: indices[i]!,
      ...{ attack: result.method, drop: result.drop, noiseDrop: result.control?.drop },
      ...{ epsilon: result.epsilon, epsilonSampled: result.epsilonSampled, flags: result.flags },
      ...{ clean: result.scores.clean, attacked: result.scores.attacked, noisy: result.control?.scores },
      budget: result.budget,
    })),
  };
  const all = (pick: (result: AttackResult) => Tensor): Tensor => stack(results.map(pick));
  const history = await historyOf(results);
  const datasets: Record<string, H5Content> = {
    perturbation: all(({ perturbation }) => perturbation),
    reconstruction: all(({ reconstruction }) => reconstruction),
    clean: all(({ clean }) => clean),
    noisy: all(({ control }) => control!.reconstruction),
    ...(history && { history }),
    report: JSON.stringify(report),
  };
  const attributes = {
    method,
    slices: indices.join(','),
    attack: results[0]!.method,
    epsilon: Math.max(...results.map(({ epsilon }) => epsilon)),
    flags: [...new Set(results.flatMap(({ flags }) => flags))].join(',') || 'none',
  };
  return { content: { datasets, attributes }, report };
}

/** The objectives [slices, restarts, steps], NaN beyond the end of a shorter run; nothing without steps. */
async function historyOf(results: readonly AttackResult[]): Promise<Tensor | undefined> {
  const { tensor } = await import('@adjoint/tensor');
  const runs = Math.max(...results.map(({ history }) => history.length));
  const steps = Math.max(0, ...results.flatMap(({ history }) => history.map((run) => run.length)));
  if (runs === 0 || steps === 0) return undefined;
  const values = new Float32Array(results.length * runs * steps).fill(Number.NaN);
  results.forEach(({ history }, i) => {
    history.forEach((run, r) => {
      values.set(run, (i * runs + r) * steps);
    });
  });
  return tensor(values, { shape: [results.length, runs, steps], dtype: 'f32' });
}

/** What the command prints. */
export function summary(
  out: string,
  method: string,
  indices: readonly number[],
  results: readonly AttackResult[],
): string {
  const lines = results.map((result, i) => {
    const { clean, attacked } = result.scores;
    const change = (name: 'psnr' | 'ssim', digits: number): string =>
      `${clean[name].toFixed(digits)} -> ${attacked[name].toFixed(digits)}`;
    const noise = result.control ? `; noise of that norm ${result.control.drop.toFixed(2)} dB` : '';
    const flags = result.flags.length > 0 ? `; flags: ${result.flags.join(', ')}` : '';
    return (
      `slice ${indices[i]}: ${method} under ${result.method}, |e|/|k| ${result.epsilon.toPrecision(3)} (|e|/|y| ` +
      `${result.epsilonSampled.toPrecision(3)}): PSNR ${change('psnr', 2)} dB, SSIM ${change('ssim', 3)}, lost ` +
      `${result.drop.toFixed(2)} dB${noise}${flags}`
    );
  });
  return [out, ...lines].join('\n');
}
