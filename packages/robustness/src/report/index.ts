import type { ReportedStudy, WrittenReport } from './writeReport.js';

export type { ReportedStudy, WrittenReport } from './writeReport.js';

/**
 * Writes the report of a study: `report.html` (one file that needs no other), `results.json` and one CSV file for each
 * table, `figures/` with every figure as SVG and every strip of pictures as PNG. Each file appears whole, under a
 * temporary name first, and the page last. All but the page depend on the record
 * alone. Files of an earlier report in the folder that this one does not have go away; others stay.
 *
 * @param study what `runStudy` and `mergeStudies` give
 * @param out folder, made if it is not there; it may be that of the study
 * @throws ArgumentError for no study, or a folder that cannot be written
 * @example const { files } = await writeReport(await runStudy({ out: 'study' }), 'study');
 */
export async function writeReport(study: ReportedStudy, out: string): Promise<WrittenReport> {
  // loaded when it is called: it needs Node, and pages load this package, too
  const engine = await import('./writeReport.js');
  return engine.writeReport(study, out);
}
