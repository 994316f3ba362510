/** One row of the table. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly reach: string;
  readonly aim: string;
}

export function print(figures: readonly Figure[]): void {
  const rows = [['what', 'measured', 'reach', 'aim'], ...figures.map(({ what, measured, reach, aim }) => [what, measured, reach, aim])];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}
