/** How many kill points, and which: `npm run test:kill -- --points 200 --seed 1` asks for more than the test suite. */
export const asked = {
  points: Number(process.env['KILL_POINTS'] ?? 24),
  seed: Number(process.env['KILL_SEED'] ?? 1),
  /** Print the table. */
  tells: process.env['KILL_POINTS'] !== undefined,
}

/** Rows of figures, on standard output, when they were asked for. */
export function tell(title: string, rows: readonly (readonly (string | number)[])[]): void {
  if (!asked.tells) return
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length))) ?? []
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i] as number) : String(cell).padStart(widths[i] as number))).join('  '),
  )
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`)
}
