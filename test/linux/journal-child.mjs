// Governs a tree of files until it is killed: opens the journal, clamps both policies, and moves them about without end.
// usage: node journal-child.mjs DIST ROOT STATEDIR LITTLE BIG
const [, , dist, root, stateDir, little, big] = process.argv
const { openJournal } = await import(`${dist}/src/linux/journal.js`)
const { makeCpufreqClamp } = await import(`${dist}/src/linux/cpufreq-clamp.js`)

const journal = openJournal({ root, stateDir })
const tables = [
  [4e8, 7e8, 1e9, 1.2e9, 1.4e9],
  [6e8, 1e9, 1.4e9, 1.7e9, 2e9],
]
const clamps = [little, big].map((policyPath, i) => makeCpufreqClamp({ policyPath, frequenciesHz: tables[i], journal, root }))
for (let step = 0; ; step++) {
  for (const [i, clamp] of clamps.entries()) clamp.set(tables[i][(step * (i + 2)) % 5])
  if (step === 20) process.stdout.write('ready\n')
}
