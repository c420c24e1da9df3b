import { join } from 'node:path'
import { type JournalRecord, readJournal } from './journal-file.ts'
import { listJournals } from './journal-name.ts'
import { restoreOrder } from './restore-entry.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/**
 * What would undo everything as a script for any POSIX shell, also of runs that go on: for a board on which flyball itself does not start any more. It writes the
 * originals whatever stands there now. Throws what reading a journal throws.
 */
export function restoreScript(stateDir: string): string {
  const lines = ['#!/bin/sh', '# Puts back every kernel knob that flyball has moved, whatever it holds now.']
  for (const journal of listJournals(stateDir)) {
    const { records } = readJournal(journal.path)
    lines.push(`# ${journal.path}${journal.held ? `: process ${journal.pid} still moves them, end it first` : ''}`)
    for (const step of restoreOrder(records)) {
      const { value, limits, group } = step
      if (value !== undefined) lines.push(write(value.path, value.original))
      if (limits !== undefined) {
        const { min, max } = limits
        const [low, high] = [write(min.path, min.original), write(max.path, max.original)]
        lines.push(`if [ ${quoted(max.original)} -ge "$(cat ${quoted(min.path)})" ]; then ${high}; ${low}; else ${low}; ${high}; fi`)
      }
      if (group !== undefined) lines.push(...removal(group))
    }
  }
  return `${lines.join('\n')}\n`
}

const write = (path: string, value: string): string => `echo ${quoted(value)} > ${quoted(path)}`

function removal({ path, home, after }: Extract<JournalRecord, { kind: 'cgroup' }>): string[] {
  const threads = ['tasks', 'cgroup.threads'].map((name) => quoted(join(path, name))).join(' ')
  const lines = [
    `cat ${threads} 2>/dev/null | while read -r tid; do echo "$tid" > ${quoted(home)}; done`,
    `[ ! -d ${quoted(path)} ] || rmdir ${quoted(path)}`,
  ]
  return after === undefined ? lines : [...lines, write(after.path, after.value)]
}
