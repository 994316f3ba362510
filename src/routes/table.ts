export const tableType = 'text/csv';

/** Whether the caller would rather have a table than lines of JSON. */
export function wantsTable(request: Request): boolean {
  return /(?:^|[\s,])text\/csv(?:$|[\s,;])/i.test(request.headers.get('Accept') ?? '');
}

/**
 * Flat objects as rows of a table (RFC 4180); with `header`, the names of their members first. A text that a spreadsheet would take for a
 * formula is put behind an apostrophe.
 */
export function tableOf(rows: readonly unknown[], header: readonly string[], withHeader: boolean): string {
  const lines = rows.map((row) => header.map((name) => cellOf(memberOf(row, name))));
  return [...(withHeader ? [header.map(cellOf)] : []), ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

function memberOf(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? Object.entries(row).find(([key]) => key === name)?.[1] : undefined;
}

/** What some spreadsheet begins a formula with, full-width forms among it, behind whatever space it takes away (CWE-1236). */
const formula = /^[\t\r\n]|^[\s\p{Cf}\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;

function cellOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : '';
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
