import { rss } from '@adjoint/mri';
import {
  centredIfft,
  checkChoice,
  checkNumber,
  checkOptions,
  max,
  norm,
  scope,
  stack,
  type Tensor,
  where,
} from '@adjoint/tensor';

/**
 * How a budget may be stated, all for one perturbation e of the samples:
 *
 * - `kspace`: ‖e‖/‖k_full‖ (Darestani et al. 2021, and here)
 * - `samples`: ‖e‖/‖y‖ (Genzel et al. 2020)
 * - `absolute`: ‖e‖
 * - `image-l2`: ‖F^H e‖/‖x‖, x the RSS image of the full k-space. F is unitary: equal to `kspace`.
 * - `image-linf`: largest change of a pixel over the largest pixel, of a change that is as large everywhere: ‖e‖/(√(HW) max|x|). Other
 *   changes of that l2 norm reach more in places.
 * - `snr`: 20 log₁₀(‖y‖/‖e‖), in dB; falls as the budget grows.
 */
export type BudgetUnit = 'kspace' | 'samples' | 'absolute' | 'image-l2' | 'image-linf' | 'snr';
export const budgetUnits: readonly BudgetUnit[] = [
  ...(['kspace', 'samples', 'absolute', 'image-l2', 'image-linf', 'snr'] as const),
];

/** Sizes of a slice that budgets are relative to. */
export interface SignalSize {
  /** ‖k_full‖ */
  readonly full: number;
  /** ‖y‖ */
  readonly sampled: number;
  /** Of the RSS image of the full k-space. */
  readonly maximum: number;
  /** H W */
  readonly pixels: number;
}

/**
 * The sizes of one fully known slice under a mask.
 *
 * @param full c64 [coils, H, W]
 * @param mask [W] or [H, W]
 */
export async function signalSize(full: Tensor, mask: Tensor): Promise<SignalSize> {
  using found = scope(() => stack([norm(full), norm(where(mask, full, 0)), max(rss(centredIfft(full)))]));
  const [all, sampled, maximum] = (await found.data()) as Float32Array;
  const [height, width] = full.shape.slice(-2) as [number, number];
  return { full: all!, sampled: sampled!, maximum: maximum!, pixels: height * width };
}

/**
 * States a perturbation budget in other terms, because published ones are not comparable as they stand.
 *
 * @param value in the unit `from`
 * @param signal `signalSize` of the slice
 * @throws ArgumentError
 * @example convertBudget(0.08, { from: 'kspace', to: 'snr' }, await signalSize(full, mask)); // 21.2 dB
 */
export function convertBudget(
  value: number,
  units: { readonly from: BudgetUnit; readonly to: BudgetUnit },
  signal: SignalSize,
): number {
  const fn = 'convertBudget';
  checkOptions(fn, units, ['from', 'to'], 'units');
  const from = checkChoice(fn, 'from', units.from, budgetUnits);
  const to = checkChoice(fn, 'to', units.to, budgetUnits);
  checkSignal(fn, signal);
  checkNumber(fn, 'value', value, from === 'snr' ? {} : { min: 0 });
  const length = from === 'snr' ? signal.sampled * 10 ** (-value / 20) : value * unitLength(from, signal);
  return to === 'snr' ? 20 * Math.log10(signal.sampled / length) : length / unitLength(to, signal);
}

/** ‖e‖ of a budget of 1. */
function unitLength(
  unit: Exclude<BudgetUnit, 'snr'>,
  { full, sampled, maximum, pixels }: SignalSize,
): number {
  switch (unit) {
    case 'kspace':
    case 'image-l2':
      return full;
    case 'samples':
      return sampled;
    case 'absolute':
      return 1;
    case 'image-linf':
      return maximum * Math.sqrt(pixels);
  }
}

function checkSignal(fn: string, signal: SignalSize): void {
  const names = ['full', 'sampled', 'maximum', 'pixels'] as const;
  checkOptions(fn, signal, names, 'signal');
  for (const name of names) checkNumber(fn, `signal.${name}`, signal[name], { positive: true });
}
