// Governs a tree of files under a watchdog, moves its knobs once, and then does what it is told on the command line.
// usage: node watchdog-child.mjs DIST ROOT STATEDIR POLICY DEED [RESTORE]
const [, , dist, root, stateDir, policyPath, deed, restore = 'exit'] = process.argv
const { openJournal } = await import(`${dist}/src/linux/journal.js`)
const { makeCpufreqClamp } = await import(`${dist}/src/linux/cpufreq-clamp.js`)

const told = []
let busySinceS = Number.NaN
const open = () =>
  openJournal({
    root,
    stateDir,
    restore,
    watch: {
      limitS: 2,
      ends: deed !== 'guest',
      busyS: () => (Number.isNaN(busySinceS) ? 0 : performance.now() / 1000 - busySinceS),
      onRestored: () => told.push('restored'),
      onProblem: (message) => told.push(message),
    },
  })
const clampOf = (journal) => makeCpufreqClamp({ policyPath, frequenciesHz: [6e8, 1e9, 1.4e9, 1.7e9, 2e9], journal, root })
const journal = open()
const clamp = clampOf(journal)
clamp.set(1e9)
process.stdout.write('ready\n')

const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
if (deed === 'loop') for (;;);
// What never answers, while the event loop goes on.
if (deed === 'hang') busySinceS = performance.now() / 1000
if (deed === 'work' || deed === 'hang') setInterval(() => clamp.set(1e9), 50)
if (deed === 'idle') {
  await turn(4000)
  process.stdout.write(JSON.stringify({ holds: clamp.set(1.4e9), told }))
  journal.end()
}
if (deed === 'guest') {
  // The application blocks its own event loop, and comes to itself again.
  for (const sinceMs = performance.now(); performance.now() - sinceMs < 4000; );
  const before = clamp.set(1.4e9)
  await turn(200)
  const after = clamp.set(1.7e9)
  const next = open()
  const anew = clampOf(next).set(6e8)
  const rest = journal.end().entries.length
  next.end()
  process.stdout.write(JSON.stringify({ refused: [before, after].map(Number.isNaN), anew, rest, told }))
}
