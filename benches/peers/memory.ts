import { geometricMean } from '../statistics.js';
import type { Comparison } from './report.js';

/** Their peak memory divided by ours: above 1, adjoint takes less. Nothing where theirs is not known. */
export function memoryRatio({ ours, theirs }: Comparison): number | undefined {
  if (ours.peakMb === undefined || theirs.peakMb === undefined) return undefined;
  return theirs.peakMb / ours.peakMb;
}

/** Peak memory beside every tool: whole processes, so that small rows compare runtimes. */
export function memorySection(all: readonly Comparison[]): string {
  const tools = new Set(
    all.filter((found) => memoryRatio(found) !== undefined).map(({ theirs }) => theirs.tool),
  );
  const lines = [...tools].map((tool) => {
    const rows = all
      .filter(({ theirs }) => theirs.tool === tool)
      .flatMap((found) => {
        const ratio = memoryRatio(found);
        return ratio === undefined ? [] : { ratio, row: found.row };
      });
    const ratios = rows.map(({ ratio }) => ratio);
    const least = Math.min(...ratios);
    const more = ratios.filter((ratio) => ratio < 1).length;
    const worst = `${least.toFixed(2)}: ${rows.find(({ ratio }) => ratio === least)!.row}`;
    return `| ${tool} | ${rows.length} | ${more} | ${geometricMean(ratios).toFixed(2)} | ${worst} |`;
  });
  if (lines.length === 0) return '';
  return [
    ...['## Peak memory', ''],
    ...[
      'MB of whole processes, theirs divided by ours: above 1, adjoint takes less. Small rows compare runtimes.',
      '',
    ],
    ...['| beside | rows | where ours is more | ratio, mean | least |', '|---|---|---|---|---|', ...lines],
  ].join('\n');
}
