import type { H5Content } from '@adjoint/mri';
import type { AttackResult, TriedAttack } from '@adjoint/robustness';
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
      ...(result.tried && { tried: result.tried.map(triedReport) }),
      budget: result.budget,
    })),
  };
  const all = (pick: (result: AttackResult) => Tensor): Tensor => stack(results.map(pick));
  const history = await historyOf(results.map((result) => result.history));
  const datasets: Record<string, H5Content> = {
    perturbation: all(({ perturbation }) => perturbation),
    reconstruction: all(({ reconstruction }) => reconstruction),
    clean: all(({ clean }) => clean),
    noisy: all(({ control }) => control!.reconstruction),
    ...(history && { history }),
    ...(await triedHistories(results)),
    report: JSON.stringify(report),
  };
  const attributes = {
    method,
    slices: indices.join(','),
    attack: [...new Set(results.map((result) => result.method))].join(','),
    epsilon: Math.max(...results.map(({ epsilon }) => epsilon)),
    flags: [...new Set(results.flatMap(({ flags }) => flags))].join(',') || 'none',
  };
  return { content: { datasets, attributes }, report };
}

/** One of several attacks, in numbers. Of one slice. */
const triedReport = ({ method, damage, drop, isWorst, flags }: TriedAttack) => ({
  ...{ attack: method, damage: damage[0]!, drop, kept: isWorst[0]!, flags },
});

/** Of several attacks on each slice: the histories of every one, `history_joint` and so on. */
async function triedHistories(results: readonly AttackResult[]): Promise<Record<string, H5Content>> {
  const found: Record<string, H5Content> = {};
  for (const [i, { method }] of (results[0]!.tried ?? []).entries()) {
    const history = await historyOf(results.map(({ tried }) => tried![i]!.history));
    if (history) found[`history_${method}`] = history;
  }
  return found;
}

/** Objectives [slices, restarts, steps], NaN beyond the end of a shorter run; nothing without steps. */
async function historyOf(histories: readonly AttackResult['history'][]): Promise<Tensor | undefined> {
  const { tensor } = await import('@adjoint/tensor');
  const runs = Math.max(...histories.map((history) => history.length));
  const steps = Math.max(0, ...histories.flatMap((history) => history.map((run) => run.length)));
  if (runs === 0 || steps === 0) return undefined;
  const values = new Float32Array(histories.length * runs * steps).fill(Number.NaN);
  histories.forEach((history, i) => {
    history.forEach((run, r) => {
      values.set(run, (i * runs + r) * steps);
    });
  });
  return tensor(values, { shape: [histories.length, runs, steps], dtype: 'f32' });
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
    const tried = result.tried
      ? `; tried ${result.tried.map((one) => `${one.method} ${one.drop.toFixed(2)} dB`).join(', ')}`
      : '';
    const flags = result.flags.length > 0 ? `; flags: ${result.flags.join(', ')}` : '';
    return (
      `slice ${indices[i]}: ${method} under ${result.method}, |e|/|k| ${result.epsilon.toPrecision(3)} (|e|/|y| ` +
      `${result.epsilonSampled.toPrecision(3)}): PSNR ${change('psnr', 2)} dB, SSIM ${change('ssim', 3)}, lost ` +
      `${result.drop.toFixed(2)} dB${tried}${noise}${flags}`
    );
  });
  return [out, ...lines].join('\n');
}
