// Runs as root inside the kernel lab's guest: clamps, journal, restore, bandwidth group and discovery against a real kernel. Prints one JSON document.
// usage: node kernel-lab-job.mjs REPOSITORY RESULT
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

const [, , repository, resultFile] = process.argv
const load = (name) => import(`${repository}/dist/src/${name}.js`)
const [
  { discoverBoard },
  { fingerprintOf },
  { makeCpufreqClamp },
  { openJournal },
  { restoreJournal },
  { makeBandwidthGroup },
  { listThreads },
  affinity,
] = await Promise.all(
  ['board/discover', 'board/board', 'linux/cpufreq-clamp', 'linux/journal', 'linux/restore', 'linux/cgroup', 'linux/task', 'linux/affinity'].map(
    load,
  ),
)

const stateDir = '/run/flyball'
const cpufreq = '/sys/devices/system/cpu/cpufreq'
const policies = [`${cpufreq}/policy0`, `${cpufreq}/policy2`]
const tables = [
  [4e8, 7e8, 1e9, 1.2e9, 1.4e9],
  [6e8, 1e9, 1.4e9, 1.7e9, 2e9],
]
const read = (path) => readFileSync(path, 'utf8').trim()
const answer = (path) => {
  try {
    return read(path)
  } catch (error) {
    return error.code
  }
}
const knobs = () =>
  policies.map((policy) => ['scaling_governor', 'scaling_min_freq', 'scaling_max_freq'].map((file) => answer(`${policy}/${file}`)).join(' '))
const sleep = (timeMs) => new Promise((resolve) => setTimeout(resolve, timeMs))
const results = (report) =>
  report.entries.map((entry) => `${entry.path.replace(`${cpufreq}/`, '')} ${entry.result}${entry.reason ? `: ${entry.reason}` : ''}`)
const makeClamps = (journal) => policies.map((policyPath, i) => makeCpufreqClamp({ policyPath, frequenciesHz: tables[i], journal, root: '/' }))

/** A process that governs until it is killed. */
async function govern() {
  const child = spawn(process.execPath, [`${repository}/test/linux/journal-child.mjs`, `${repository}/dist`, '/', stateDir, ...policies], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return {
    pid: child.pid,
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function idleWorker(code) {
  const known = new Set(listThreads('/'))
  const worker = new Worker(code, { eval: true })
  await new Promise((resolve) => worker.once('online', resolve))
  return { worker, tids: listThreads('/').filter((tid) => !known.has(tid)) }
}

const seen = {}
for (const policy of policies) writeFileSync(`${policy}/scaling_governor`, 'schedutil\n')
const original = knobs()
seen.original = original

const board = discoverBoard()
seen.discovered = {
  fingerprint: fingerprintOf(board),
  writable: board.clusters.map((cluster) => cluster.writable),
  zones: board.thermalZones.map((zone) => zone.type),
  psi: board.psi,
}

// Clamps: the value read right after writing may be stale; minimum <= maximum in the kernel's own eyes, and the value asked for, once it has settled.
{
  const journal = openJournal({ root: '/', stateDir })
  const clamps = makeClamps(journal)
  const count = { sets: 0, stale: 0, wrong: 0 }
  for (let step = 0; step < 300; step++) {
    const i = step % 2
    const wantedHz = tables[i][(step * 7 + ((step * step) % 3)) % 5]
    const got = clamps[i].set(wantedHz)
    count.sets++
    if (got === wantedHz) continue
    count.stale++
    await sleep(30)
    if (clamps[i].readHz() !== wantedHz || answer(`${policies[i]}/scaling_min_freq`) !== String(wantedHz / 1e3)) count.wrong++
  }
  seen.clamps = count
  for (const clamp of clamps) clamp.release()
  await sleep(30)
  seen.released = knobs()
  for (const clamp of clamps) clamp.set(1e9)
  seen.governorKept = knobs().map((line) => line.split(' ')[0])
  seen.restored = results(journal.restoreAll())
  seen.afterRestore = knobs()
}

// Kill -9, then restore from this process; a live owner first.
{
  const child = await govern()
  try {
    openJournal({ root: '/', stateDir })
    seen.liveOwner = 'not noticed'
  } catch (error) {
    seen.liveOwner = `${error.code} ${error.message.includes(`process ${child.pid} `)}`
  }
  await child.kill()
  seen.afterKill = knobs().map((line, i) => line !== original[i])
  seen.killRestored = results(restoreJournal({ stateDir }))
  await sleep(30)
  seen.afterKillRestore = knobs()
  seen.leftInStateDir = readdirSync(stateDir)
}

// Firmware lowers the big domain's limit while flyball holds it higher.
{
  const journal = openJournal({ root: '/', stateDir })
  const [, big] = makeClamps(journal)
  big.set(2e9)
  await sleep(30)
  const limit = async (state) => {
    spawnSync('devmem', ['0xff000001', '8', String(state)])
    for (let i = 0; i < 3; i++) {
      answer('/sys/class/thermal/thermal_zone0/temp')
      await sleep(100)
    }
  }
  await limit(3)
  seen.firmware = { bios: answer(`${policies[1]}/bios_limit`), held: knobs()[1], restored: results(journal.restoreAll()), during: knobs()[1] }
  await limit(0)
  await sleep(50)
  seen.firmware.after = knobs()[1]
}

// All CPUs of the big domain go away while it is clamped.
{
  const child = await govern()
  await child.kill()
  for (const cpu of [2, 3]) writeFileSync(`/sys/devices/system/cpu/cpu${cpu}/online`, '0\n')
  const gone = discoverBoard()
  seen.offline = {
    policy: answer(`${policies[1]}/scaling_max_freq`),
    clusters: fingerprintOf(gone),
    findings: gone.findings.map((finding) => finding.what),
  }
  seen.offline.restored = results(restoreJournal({ stateDir }))
  seen.offline.owed = readdirSync(stateDir).length
  const journal = openJournal({ root: '/', stateDir })
  const [, big] = makeClamps(journal)
  seen.offline.set = String(big.set(1e9))
  seen.offline.access = big.access
  for (const cpu of [2, 3]) writeFileSync(`/sys/devices/system/cpu/cpu${cpu}/online`, '1\n')
  await sleep(50)
  seen.offline.back = results(journal.restoreAll())
  await sleep(30)
  seen.offline.after = knobs()
  seen.offline.leftInStateDir = readdirSync(stateDir)
}

// Bandwidth of some threads in a threaded group of cgroup v2, and who removes it.
{
  const controls = () => answer('/sys/fs/cgroup/cgroup.subtree_control')
  const journal = openJournal({ root: '/', stateDir })
  const before = controls()
  const { worker, tids } = await idleWorker('for (;;) {}')
  const group = makeBandwidthGroup({ root: '/', journal, periodS: 0.01 })
  group.add(tids)
  const set = group.set(0.2)
  const max = answer(`${group.path}/cpu.max`)
  let throttled = 0
  for (let i = 0; i < 200 && throttled < 3; i++) {
    await sleep(20)
    throttled = Number(/nr_throttled (\d+)/.exec(read(`${group.path}/cpu.stat`))[1])
  }
  seen.bandwidth = { version: group.version, set, max, throttled: throttled >= 3, type: answer(`${group.path}/cgroup.type`) }
  seen.bandwidth.restored = journal.restoreAll().entries.map((entry) => entry.result)
  seen.bandwidth.gone = answer(`${group.path}/cpu.max`)
  seen.bandwidth.controlsAsBefore = controls() === before
  await worker.terminate()
}

// Affinity, verified by the kernel.
affinity.setAffinity(0, [1, 3])
seen.affinity = affinity.getAffinity(0)
affinity.setAffinity(0, [0, 1, 2, 3])
writeFileSync(resultFile, JSON.stringify(seen, null, 2))
