import { styleText } from 'node:util'

/** What the machine reads goes to standard output, what a person reads while waiting to standard error. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}

export function printLines(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

export const bold = (text: string): string => (process.stdout.isTTY ? styleText('bold', text) : text)

/** Columns padded to their widest cell; all but the first to the right, or all to the left. */
export function formatTable(rows: readonly (readonly string[])[], align: 'right' | 'left' = 'right'): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 || align === 'left' ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number)))
      .join('  ')
      .trimEnd(),
  )
}

/** Progress of long work: one redrawn line on a terminal, a plain line at every tenth elsewhere. */
export interface Progress {
  update(label: string, done: number, of: number, detail?: string): void
  /** A line that stays. */
  note(message: string): void
  end(): void
}

export function makeProgress(quiet: boolean): Progress {
  const { stderr } = process
  let shown = ''
  let tenth = -1
  const clear = (): void => {
    if (shown !== '') stderr.write('\r\x1b[K')
    shown = ''
  }
  return {
    update(label, done, of, detail = '') {
      if (quiet) return
      const ratio = of === 0 ? 1 : done / of
      if (stderr.isTTY) {
        const filled = Math.round(ratio * 24)
        const line = `${label} ${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${done}/${of} ${detail}`
        if (line === shown) return
        clear()
        stderr.write(line)
        shown = line
        return
      }
      const reached = Math.floor(ratio * 10)
      if (reached === tenth) return
      stderr.write(`${label} ${done}/${of} ${detail}\n`)
      tenth = reached
    },
    note(message) {
      clear()
      if (!quiet) stderr.write(`${message}\n`)
    },
    end() {
      clear()
      // The next piece of work starts its own count.
      tenth = -1
    },
  }
}
