// Every knob through flyball's own modules against a real kernel.
// usage: node knobs.mjs RESULT
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { answer, cpufreq, firmware, heat, knobs, policies, read, scenario, setOnline, sleep, tablesHz, tryWrite, until, write } from './board.mjs'

const dist = '/repo/dist/src'
const load = (...names) => Promise.all(names.map((name) => import(`${dist}/${name}.js`)))
const [{ discoverBoard }, { fingerprintOf }] = await load('board/discover', 'board/board')
const [{ makeCpufreqClamp }, { openJournal }, { restoreJournal }] = await load('linux/cpufreq-clamp', 'linux/journal', 'linux/restore')
const [{ makeBandwidthGroup }, { listThreads }, affinity, { makeAllowedCpus }] = await load(
  'linux/cgroup',
  'linux/task',
  'linux/affinity',
  'linux/allowed-cpus',
)
const [{ makeFrequencyControl }, { governedClusters }] = await Promise.all(
  ['frequency', 'clusters'].map((name) => import(`/repo/dist/envs/board/${name}.js`)),
)
const [{ makeCpuPressure }, { makeOnlineCpus }] = await load('linux/psi', 'linux/online')

const stateDir = '/run/flyball'
const [, bigPath] = policies
const results = (report) =>
  report.entries.map(({ path, result, reason }) => `${path.replace(`${cpufreq}/`, '')} ${result}${reason ? `: ${reason}` : ''}`)
const open = () => openJournal({ root: '/', stateDir })
const clampsOf = (journal) => policies.map((policyPath, i) => makeCpufreqClamp({ policyPath, frequenciesHz: tablesHz[i], journal, root: '/' }))
const settled = () => sleep(60)

/** A process that governs until it is killed; `said` is what it ended with, where it was refused. */
async function govern({ dir = stateDir, uid = 0, before = [] } = {}) {
  const [program, ...args] = [...before, process.execPath, '/repo/test/linux/journal-child.mjs', '/repo/dist', '/', dir, ...policies]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', uid, gid: uid })
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  await new Promise((resolve) => {
    child.stdout.once('data', resolve)
    child.once('close', resolve)
  })
  return {
    pid: child.pid,
    said: () => said,
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

for (const policy of policies) write(`${policy}/scaling_governor`, 'schedutil')

await scenario('discovery', () => {
  const board = discoverBoard()
  return {
    fingerprint: fingerprintOf(board),
    writable: board.clusters.map((cluster) => cluster.writable),
    zones: board.thermalZones.length,
    psi: board.psi,
    knobs: knobs(),
  }
})

await scenario('clamps', async () => {
  const journal = open()
  const clamps = clampsOf(journal)
  const count = { sets: 0, stale: 0, wrong: 0, suspected: 0 }
  for (let step = 0; step < 300; step++) {
    const i = step % 2
    const wantedHz = tablesHz[i][(step * 7 + ((step * step) % 3)) % 5]
    const got = clamps[i].set(wantedHz)
    count.sets++
    // NaN: a stale reading was taken for somebody else's.
    if (Number.isNaN(got)) count.suspected++
    if (got === wantedHz) continue
    count.stale++
    await settled()
    if (clamps[i].readHz() !== wantedHz || answer(`${policies[i]}/scaling_min_freq`) !== String(wantedHz / 1e3)) count.wrong++
  }
  await settled()
  const standings = clamps.map((clamp) => clamp.look())
  for (const clamp of clamps) clamp.release()
  await settled()
  const released = knobs()
  for (const clamp of clamps) clamp.set(1e9)
  await settled()
  const held = knobs()
  const restored = results(journal.restoreAll())
  return { count, standings, released, held, restored, after: knobs() }
})

await scenario('rounding', async () => {
  const max = `${policies[0]}/scaling_max_freq`
  write(max, 850000)
  await settled()
  const rounded = answer(max)
  write(max, 9000000)
  await settled()
  const seen = { rounded, tooHigh: answer(max), text: tryWrite(max, 'fast') }
  // An OPP between two of the table is not asked for: the clamp takes the nearest one.
  const journal = open()
  const [little] = clampsOf(journal)
  little.set(8.6e8)
  await settled()
  return { ...seen, nearest: little.readHz(), standing: little.look(), restored: results(journal.restoreAll()), after: knobs() }
})

await scenario('remembered minimum', async () => {
  const journal = open()
  const [, big] = clampsOf(journal)
  big.set(1.4e9)
  await settled()
  // Somebody lowers the maximum below it: the kernel shows the minimum as low, and keeps it for later.
  write(`${bigPath}/scaling_max_freq`, 600000)
  await settled()
  const shown = knobs()[1]
  const standing = big.look()
  big.yield()
  await settled()
  const yielded = knobs()[1]
  write(`${bigPath}/scaling_max_freq`, 2000000)
  await settled()
  const raised = knobs()[1]
  return { shown, standing, yielded, raised, restored: results(journal.restoreAll()), after: knobs() }
})

await scenario('foreign write', async () => {
  const journal = open()
  const [, big] = clampsOf(journal)
  big.set(1.7e9)
  big.set(1e9)
  await settled()
  write(`${bigPath}/scaling_max_freq`, 1400000)
  await settled()
  const standing = big.look()
  const refused = String(big.set(6e8))
  big.yield()
  await settled()
  const left = knobs()[1]
  return { standing, refused, left, restored: results(journal.restoreAll()), after: knobs()[1] }
})

await scenario('kill -9', async () => {
  const original = knobs()
  const child = await govern()
  let liveOwner = 'not noticed'
  try {
    open()
  } catch (error) {
    liveOwner = `${error.code} ${error.message.includes(`process ${child.pid} `)}`
  }
  await child.kill()
  const moved = knobs().map((line, i) => line !== original[i])
  const restored = results(restoreJournal({ stateDir }))
  await settled()
  return { liveOwner, moved, restored, after: knobs(), left: readdirSync(stateDir) }
})

const refusal = (attempt) => {
  try {
    attempt()
    return 'not refused'
  } catch (error) {
    return `${error.code} ${error.message}`
  }
}
const nobody = 65534
/** Lets a group set the clocks, as flyball doctor --fix would, or root alone. */
const letThem = (may) => {
  for (const limit of policies.flatMap((policy) => ['min', 'max'].map((end) => `${policy}/scaling_${end}_freq`))) {
    chownSync(limit, 0, may ? nobody : 0)
    chmodSync(limit, may ? 0o664 : 0o644)
  }
}

await scenario('two users', async () => {
  const original = knobs()
  const theirs = `/run/user/${nobody}/flyball`
  mkdirSync(theirs, { recursive: true })
  for (const dir of [`/run/user/${nobody}`, theirs]) chownSync(dir, nobody, nobody)
  letThem(true)
  const user = await govern({ dir: theirs, uid: nobody })
  const journal = open()
  const [, big] = clampsOf(journal)
  const root = refusal(() => big.set(1e9)).replace(String(user.pid), 'PID')
  await user.kill()
  const moved = knobs().some((line, i) => line !== original[i])
  // By the time that root gets the board, what the killed run left is for flyball restore.
  journal.restoreAll()
  const restored = results(restoreJournal({ stateDir }))
  await settled()
  const after = knobs()
  const mine = open()
  clampsOf(mine)[1].set(1e9)
  const refused = (await govern({ dir: theirs, uid: nobody })).said()
  mine.restoreAll()
  await settled()
  letThem(false)
  // Somebody who may not set clocks plants a journal that would have root set one.
  const header = { flyball: 'journal', schema: 1, bootId: read('/proc/sys/kernel/random/boot_id'), pid: 1, startTime: '1', root: '/' }
  const entry = { entry: 0, kind: 'value', path: `${bigPath}/scaling_max_freq`, original: '600000', wrote: ['2000000'] }
  writeFileSync(`${theirs}/journal-1-1-0.jsonl`, `${JSON.stringify(header)}\n${JSON.stringify(entry)}\n`)
  chownSync(`${theirs}/journal-1-1-0.jsonl`, nobody, nobody)
  const planted = results(restoreJournal({ stateDir }))
  await settled()
  const kept = knobs()
  // It stays owed to whoever planted it: away with it.
  rmSync(theirs, { recursive: true })
  return {
    root,
    moved,
    restored,
    after,
    user: /process (\d+) \(.*, user 0\) is governing this board/.exec(refused)?.[1] === String(process.pid),
    planted,
    kept,
  }
})

await scenario('a network of its own', async () => {
  // As systemd does for PrivateNetwork=: another /sys, with locks of its own; `/` is the same.
  const service = await govern({ dir: '/run/service', before: ['unshare', '-n', '-m', 'sh', '-c', 'mount -t sysfs sys /sys && exec "$@"', 'sh'] })
  const journal = open()
  const [, big] = clampsOf(journal)
  const refused = refusal(() => big.set(1e9)).replace(String(service.pid), 'PID')
  await service.kill()
  journal.restoreAll()
  const restored = results(restoreJournal({ stateDir: '/run/service' }))
  await settled()
  return { refused, said: service.said(), restored, after: knobs() }
})

await scenario('a domain that is not in use, and its governor', async () => {
  const board = discoverBoard()
  const events = []
  const control = makeFrequencyControl({
    root: '/',
    board,
    clusters: governedClusters(board, { virtual: 'auto', allowed: [0, 1, 2, 3], mostLevels: 5 }),
    tids: [],
    onProblem: (message) => events.push(message),
    onKnob: ({ what, name, governor }) => events.push(`${what} ${name}${governor === undefined ? '' : ` ${governor}`}`),
  })
  control.set(1, 2, 2)
  control.check(0)
  await settled()
  const untouched = knobs()[0]
  write(`${policies[0]}/scaling_max_freq`, 1000000)
  write(`${bigPath}/scaling_governor`, 'performance')
  await settled()
  control.check(1)
  control.check(1.2)
  const told = [...events]
  control.set(0, 4, 2)
  await settled()
  const left = knobs()[0]
  control.restore()
  await settled()
  const after = knobs()
  write(`${bigPath}/scaling_governor`, 'schedutil')
  return { untouched, told, left, after, said: events.slice(told.length) }
})

await scenario('firmware', async () => {
  const journal = open()
  const [, big] = clampsOf(journal)
  big.set(2e9)
  await settled()
  const limit = async (state, kHz) => {
    firmware(1, state)
    await until('firmware', () => answer(`${bigPath}/bios_limit`) === String(kHz))
    await until('the limit', () => state === 0 || answer(`${bigPath}/scaling_max_freq`) === String(kHz))
  }
  await limit(3, 1000000)
  const standing = big.look()
  const { throttle } = big
  const held = knobs()[1]
  const restored = results(journal.restoreAll())
  const during = knobs()[1]
  await limit(0, 2000000)
  await settled()
  return { standing, throttle, held, restored, during, after: knobs()[1] }
})

await scenario('heat', async () => {
  const journal = open()
  const clamps = clampsOf(journal)
  clamps[0].set(1.4e9)
  clamps[1].set(2e9)
  await settled()
  heat(90)
  await until(
    'throttling',
    () => Number(answer(`${bigPath}/scaling_max_freq`)) < 2000000 && Number(answer(`${policies[0]}/scaling_max_freq`)) < 1400000,
  )
  const standings = clamps.map((clamp) => clamp.look())
  heat(30)
  await until('it to end', () => answer(`${bigPath}/scaling_max_freq`) === '2000000' && answer(`${policies[0]}/scaling_max_freq`) === '1400000')
  await until('the devices', () => clamps.every((clamp) => clamp.look() === 'kept' && clamp.throttle === undefined))
  return { standings, restored: results(journal.restoreAll()), after: knobs() }
})

await scenario('domain offline', async () => {
  const child = await govern()
  await child.kill()
  for (const cpu of [2, 3]) setOnline(cpu, false)
  const board = discoverBoard()
  const seen = {
    policy: answer(`${bigPath}/scaling_max_freq`),
    clusters: fingerprintOf(board),
    findings: board.findings.map((finding) => finding.what),
    restored: results(restoreJournal({ stateDir })),
    owed: readdirSync(stateDir).length,
  }
  const journal = open()
  const [, big] = clampsOf(journal)
  seen.set = String(big.set(1e9))
  seen.access = big.access
  for (const cpu of [2, 3]) setOnline(cpu, true)
  await settled()
  seen.back = results(journal.restoreAll())
  await settled()
  return { ...seen, after: knobs(), left: readdirSync(stateDir) }
})

await scenario('domain offline while clamped', async () => {
  const journal = open()
  const [, big] = clampsOf(journal)
  big.set(1e9)
  await settled()
  setOnline(3, false)
  const oneLeft = big.look()
  const related = answer(`${bigPath}/related_cpus`)
  const affected = answer(`${bigPath}/affected_cpus`)
  setOnline(2, false)
  const none = big.look()
  // Let go while it does not answer: done when it does.
  big.release()
  for (const cpu of [2, 3]) setOnline(cpu, true)
  await settled()
  const remembered = knobs()[1]
  big.release()
  await settled()
  return { oneLeft, related, affected, none, remembered, released: knobs()[1], restored: results(journal.restoreAll()) }
})

await scenario('bandwidth', async () => {
  const controls = () => answer('/sys/fs/cgroup/cgroup.subtree_control')
  const journal = open()
  const before = controls()
  const known = new Set(listThreads('/'))
  const worker = new Worker('for (;;) {}', { eval: true })
  await new Promise((resolve) => worker.once('online', resolve))
  const group = makeBandwidthGroup({ root: '/', journal, periodS: 0.01 })
  group.add(listThreads('/').filter((tid) => !known.has(tid)))
  const set = group.set(0.2)
  const max = answer(`${group.path}/cpu.max`)
  await until('throttling', () => Number(/nr_throttled (\d+)/.exec(read(`${group.path}/cpu.stat`))[1]) >= 3)
  const type = answer(`${group.path}/cgroup.type`)
  const restored = journal.restoreAll().entries.map((entry) => entry.result)
  const seen = { version: group.version, set, max, type, restored, gone: answer(`${group.path}/cpu.max`), controlsAsBefore: controls() === before }
  await worker.terminate()
  return seen
})

await scenario('cores', async () => {
  const allowed = makeAllowedCpus(4, [affinity.gettid()])
  const cpus = () => {
    allowed.sample()
    return [...allowed.flags].flatMap((flag, cpu) => (flag === 1 ? [cpu] : []))
  }
  const online = makeOnlineCpus('/', 4)
  const seen = { all: cpus() }
  affinity.setAffinity(0, [1, 3])
  seen.placed = affinity.getAffinity(0)
  seen.whilePlaced = cpus()
  setOnline(3, false)
  seen.offline = cpus()
  online.sample()
  seen.file = [...online.flags]
  seen.moved = affinity.getAffinity(0)
  setOnline(3, true)
  seen.online = cpus()
  affinity.setAffinity(0, [0, 1, 2, 3])
  // A container's list with a gap, shrunk and widened while the process runs.
  write('/sys/fs/cgroup/cgroup.subtree_control', '+cpuset')
  const group = '/sys/fs/cgroup/cores'
  mkdirSync(group)
  write(`${group}/cpuset.cpus`, '0,2-3')
  write(`${group}/cgroup.procs`, process.pid)
  seen.gap = cpus()
  seen.gapPlaced = String(tryPlace([1]))
  write(`${group}/cpuset.cpus`, '3')
  seen.one = cpus()
  setOnline(3, false)
  seen.fallBack = { cpus: cpus(), text: answer(`${group}/cpuset.cpus`), effective: answer(`${group}/cpuset.cpus.effective`) }
  setOnline(3, true)
  seen.returned = cpus()
  write('/sys/fs/cgroup/cgroup.procs', process.pid)
  await until('the group to empty', () => tryRemove(() => rmdirSync(group)))
  write('/sys/fs/cgroup/cgroup.subtree_control', '-cpuset')
  seen.end = cpus()
  return seen
})

function tryPlace(cpus) {
  try {
    affinity.setAffinity(0, cpus)
    return 'placed'
  } catch (error) {
    return error.code
  }
}

function tryRemove(remove) {
  try {
    remove()
    return true
  } catch {
    return false
  }
}

await scenario('pressure', async () => {
  const pressure = makeCpuPressure('/')
  const idle = pressure.sample()
  const busy = Array.from({ length: 8 }, () => spawn('sh', ['-c', 'while :; do :; done']))
  const loaded = await until('pressure', () => {
    const now = pressure.sample()
    return now > idle + 0.05 ? now : undefined
  })
  for (const child of busy) child.kill('SIGKILL')
  pressure.close()
  return { known: Number.isFinite(idle), grew: loaded > idle }
})

process.exit(0)
