import { FormatError } from '@adjoint/tensor';

/**
 * Records of a CSV text by column name (RFC 4180): fields in quotes may hold commas, line ends and doubled quotes. Lines
 * without any field are skipped.
 *
 * @param columns that the first line must name, in this order
 * @throws FormatError naming the line.
 */
export function parseCsv<Column extends string>(
  fn: string,
  argument: string,
  text: string,
  columns: readonly Column[],
): { readonly line: number; readonly fields: Readonly<Record<Column, string>> }[] {
  const rows = splitCsv(fn, argument, text.replace(/^\uFEFF/, ''));
  const found = rows.shift()?.fields.map((name) => name.trim());
  if (found?.join() !== columns.join())
    throw new FormatError({
      fn,
      argument,
      expected: `a CSV file with columns ${columns.join(', ')}`,
      got: found?.slice(0, 12).join(', ') ?? 'nothing',
    });
  return rows.map(({ line, fields }) => {
    if (fields.length !== columns.length)
      throw new FormatError({
        fn,
        argument: `line ${line} of ${argument}`,
        expected: `of ${columns.length} fields`,
        got: `${fields.length}`,
      });
    const entries = columns.map((name, k) => [name, fields[k]!.trim()] as const);
    return { line, fields: Object.fromEntries(entries) as Record<Column, string> };
  });
}

interface Row {
  /** Of the file, counted from 1, where the record begins. */
  readonly line: number;
  readonly fields: string[];
}

const field = /"((?:[^"]|"")*)"(?=,|\r?\n|$)|([^",\r\n]*)(?=,|\r?\n|$)/y;
const separator = /,|\r?\n|$/y;

function splitCsv(fn: string, argument: string, text: string): Row[] {
  const rows: Row[] = [];
  let row: Row = { line: 1, fields: [] };
  let line = 1;
  for (let at = 0; at <= text.length; ) {
    field.lastIndex = at;
    const match = field.exec(text);
    if (!match)
      throw new FormatError({
        fn,
        argument: `line ${line} of ${argument}`,
        expected: 'of fields separated by commas, with quotes in pairs',
        got: JSON.stringify(text.slice(at, at + 24)),
      });
    row.fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    line += match[0].split('\n').length - 1;
    separator.lastIndex = field.lastIndex;
    const [mark] = separator.exec(text)!;
    at = separator.lastIndex;
    if (mark === ',') continue;
    line++;
    if (row.fields.length > 1 || row.fields[0] !== '') rows.push(row);
    row = { line, fields: [] };
    if (mark === '') break;
  }
  return rows;
}
