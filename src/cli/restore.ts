import { Command, Option } from 'commander'
import { errorTable } from '../core/errors.ts'
import { type RestoreReport, restoreJournal } from '../linux/restore.ts'
import type { RestoredEntry } from '../linux/restore-entry.ts'
import { restoreScript } from '../linux/restore-script.ts'
import { findStateDir } from '../linux/state-dir.ts'
import { printJson, printLines } from './print.ts'

const help = `
Example:
  flyball restore --dry-run     says what would be put back
  flyball restore               puts it back; status 0 when everything is as it was, 4 when a knob, or a journal, could not be put back
  flyball restore --script      a shell script that does the same, of a running run as well, for a board on which flyball does not start: > undo.sh
  flyball restore --json        fields: dryRun, stateDir, entries [{ path, original, found, wanted, result, reason }], notes, unread;
                                result is restored, already, changed-by-somebody-else, gone or failed;
                                what another user left is put back where root asks, with that user's rights; else it is among the failed, with its reason;
                                unread is true where a journal, or a line of one, cannot be read (see notes)
`

/** `flyball restore`: puts back what killed runs left behind. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('puts every kernel knob back where it was, also after a run was killed')
    .option('--dry-run', 'only say what would be done')
    .addOption(new Option('--script', 'print a shell script that puts everything back, and touch nothing').conflicts(['json', 'dryRun']))
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action((options: { dryRun?: boolean; script?: boolean; json?: boolean }) => {
      const stateDir = findStateDir()
      if (options.script === true) {
        process.stdout.write(restoreScript(stateDir))
        return
      }
      const report = restoreJournal({ stateDir, dryRun: options.dryRun === true })
      if (options.json === true) printJson({ stateDir, ...report })
      else printLines(renderReport(report, stateDir))
      if (report.unread === true || report.entries.some((entry) => entry.result === 'failed')) process.exitCode = errorTable.ERR_KERNEL_WRITE.exitCode
    })
}

/** One line per knob. */
function renderReport(report: RestoreReport, stateDir: string): string[] {
  const lines = report.entries.map((entry) => `${wordOf(entry, report.dryRun).padEnd(14)}  ${entry.path}  ${changeOf(entry)}`)
  if (report.entries.length === 0 && report.unread !== true) lines.push(`nothing to restore (${stateDir})`)
  return [...lines, ...report.notes.map((note) => `note: ${note}`)]
}

function wordOf(entry: RestoredEntry, dryRun: boolean): string {
  if (entry.result === 'restored') return dryRun ? 'would restore' : 'restored'
  return entry.result === 'changed-by-somebody-else' ? 'left alone' : entry.result
}

function changeOf(entry: RestoredEntry): string {
  const change = entry.result === 'restored' ? `${entry.found} -> ${entry.original}` : `${entry.found ?? '-'}, was ${entry.original}`
  return entry.reason === undefined ? change : `${change}: ${entry.reason}`
}
