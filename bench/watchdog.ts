import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBusy } from '../envs/board/busy.ts'
import { systemClock } from '../src/core/clock.ts'
import { openJournal } from '../src/linux/journal.ts'
import { flag, print, quantile } from './support.ts'

// What the undo journal and its watchdog cost: per decision, per knob that moves, and in memory.

const rounds = Number(flag('rounds', '50'))
const calls = Number(flag('calls', '20000'))
const dir = mkdtempSync(join(tmpdir(), 'flyball-watchdog-'))
const knob = join(dir, 'sys/knob')
mkdirSync(join(dir, 'sys'))
writeFileSync(knob, '1000000\n')

const busy = makeBusy(systemClock.now)
const open = (watched: boolean) =>
  openJournal({
    root: dir,
    stateDir: join(dir, 'state'),
    ...(watched ? { watch: { limitS: 20, ends: false, busyS: busy.forS, onRestored() {}, onProblem() {} } } : {}),
  })

/** Median over the rounds of the mean time of a call, s. */
function timeOf(call: (i: number) => void): number {
  const means = Array.from({ length: rounds }, () => {
    const beganS = systemClock.now()
    for (let i = 0; i < calls; i++) call(i)
    return (systemClock.now() - beganS) / calls
  })
  return quantile(means, 0.5)
}

const kilobytes = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? Number.NaN)

const values = [Buffer.from('1000000'), Buffer.from('1400000')] as const
const decisionS = timeOf(() => {
  busy.begin(1)
  busy.end()
})
const plain = open(false)
const plainEntry = plain.value(knob)
const sameS = timeOf(() => plainEntry.note(values[0]))
const movedS = timeOf((i) => plainEntry.note(values[i & 1] as Buffer))
plain.restoreAll()
const watched = open(true)
const watchedEntry = watched.value(knob)
const watchedS = timeOf((i) => watchedEntry.note(values[i & 1] as Buffer))
await new Promise((resolve) => setTimeout(resolve, 2000))
const child = Number(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')[0])
const [residentKB, ownKB] = [kilobytes(child, 'Rss'), kilobytes(child, 'Private_Dirty')]
watched.restoreAll()
rmSync(dir, { recursive: true })

const ns = (seconds: number): string => `${(seconds * 1e9).toFixed(0)} ns`
print(
  'what the undo journal and its watchdog cost',
  [
    ['', ''],
    ['a decision: begin and end', ns(decisionS)],
    ['journal, knob as it was', ns(sameS)],
    ['journal, knob moves', ns(movedS)],
    ['journal, knob moves, under a watchdog', ns(watchedS)],
    ['watchdog process, resident', `${(residentKB / 1024).toFixed(1)} MiB`],
    ['of which its own alone', `${(ownKB / 1024).toFixed(1)} MiB`],
  ],
  { decisionS, sameS, movedS, watchedS, residentKB, ownKB, rounds, calls },
)
