/** A list as a file. */

export interface ExportColumn<T> {
  name: string;
  value: (row: T) => string | number | boolean | null | undefined;
}

/** Spreadsheets take these for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  let text = String(value);
  if (typeof value === 'string' && FORMULA.test(text)) text = `'${text}`;
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, with what a spreadsheet would run made harmless. */
export function csv<T>(rows: readonly T[], columns: readonly ExportColumn<T>[]): string {
  const head = columns.map(c => cell(c.name)).join(',');
  const body = rows.map(r => columns.map(c => cell(c.value(r))).join(','));
  return `${[head, ...body].join('\r\n')}\r\n`;
}

export function save(name: string, type: string, parts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
