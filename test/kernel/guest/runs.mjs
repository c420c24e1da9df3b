// Whole flyball commands against a real kernel. /job/network is a small network.
// usage: node runs.mjs RESULT
import { chmodSync, closeSync, cpSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmdirSync } from 'node:fs'
import { answer, firmware, heat, knobs, policies, scenario, setOnline, sleep, until, write } from './board.mjs'
import { flyball, stateDir } from './flyball.mjs'

const [little, big] = policies
const board = ['--network', '/tmp/network', '--rate', 'back-to-back', '--deadline', '2x', '--watchdog', 'off']
cpSync('/job/network', '/tmp/network', { recursive: true })

const logs = new Map()

/** A trace as far as it is written, read on from where it was left: whole lines after the header. */
function read(trace) {
  const log = logs.get(trace) ?? { offsetB: 0, spaces: undefined, entries: [], decisions: [] }
  logs.set(trace, log)
  if (!existsSync(trace)) return log
  const descriptor = openSync(trace, 'r')
  const more = Buffer.alloc(fstatSync(descriptor).size - log.offsetB)
  readSync(descriptor, more, 0, more.length, log.offsetB)
  closeSync(descriptor)
  const end = more.lastIndexOf('\n') + 1
  log.offsetB += end
  for (const line of more.toString('utf8', 0, end).split('\n').slice(0, -1)) {
    const entry = JSON.parse(line)
    if (log.spaces === undefined) log.spaces = entry.spaces
    else log.entries.push(entry)
    if ('action' in entry) log.decisions.push(entry)
  }
  return log
}
const entries = (trace) => read(trace).entries
const decisions = (trace) => read(trace).decisions
const knobEvents = (trace, from = 0) => entries(trace).flatMap((entry) => ('knob' in entry && entry.step >= from ? [entry.knob] : []))
const spacesOf = (trace) => read(trace).spaces
/** So many decisions more. */
async function more(trace, n) {
  const before = decisions(trace).length
  await until(`${n} decisions more`, () => decisions(trace).length >= before + n)
}
const clustersOf = (trace, last) => {
  const { points } = spacesOf(trace)
  const recent = decisions(trace).slice(-last)
  return [...new Set(recent.map(({ action }) => points[action].cluster))].sort()
}
/** Clusters that the masks of the last decisions leave open. */
const openOf = (trace, last) => {
  const { points } = spacesOf(trace)
  const open = new Set()
  for (const { mask } of decisions(trace).slice(-last))
    points.forEach((point, i) => {
      if (mask === undefined || (Number.parseInt(mask[i >> 2], 16) >> (i & 3)) & 1) open.add(point.cluster)
    })
  return [...open].sort()
}
const leftBehind = () => (existsSync(stateDir) ? readdirSync(stateDir) : [])

for (const policy of policies) write(`${policy}/scaling_governor`, 'schedutil')
const run = '/tmp/run'
const trace = `${run}/trace.jsonl`

await scenario('train', async () => {
  const { status, stderr } = await flyball(['train', ...board, '--steps', '30', '--set', 'epsilon=0.5', '--out', run]).ended
  return {
    status,
    stderr: status === 0 ? '' : stderr,
    decisions: decisions(trace).length,
    after: knobs(),
    left: leftBehind(),
    governor: answer(`${big}/scaling_governor`),
  }
})

// One long run, which explores, meets one trouble after the other.
const held = { held: true }
let explorer
const going = async () => {
  explorer ??= flyball(['train', '--resume', '--steps', '1000000', '--out', run])
  await more(trace, 10)
  return explorer
}
const alive = () => existsSync(`/proc/${explorer.pid}`)

await scenario(
  'governs',
  async () => {
    await going()
    await until('both clusters', () => clustersOf(trace, 60).length === 2)
    return { governors: policies.map((policy) => answer(`${policy}/scaling_governor`)), open: openOf(trace, 1), events: knobEvents(trace) }
  },
  held,
)

await scenario(
  'heat',
  async () => {
    await going()
    const from = decisions(trace).length
    heat(90)
    await until('throttling', () => Number(answer(`${big}/scaling_max_freq`)) < 1400000 || Number(answer(`${little}/scaling_max_freq`)) < 1000000)
    await more(trace, 30)
    const hot = knobEvents(trace, from)
    // The guard, which knows the trip point, has taken points away as well.
    const guarded = entries(trace).some((entry) => 'guard' in entry) && decisions(trace).at(-1).mask !== undefined
    heat(30)
    await until('it to end', () => Number(answer('/sys/class/thermal/cooling_device0/cur_state')) === 0)
    await until('all points to be given back', () => decisions(trace).at(-1).mask === undefined)
    return { alive: alive(), guarded, changed: hot.filter(({ what }) => what === 'changed') }
  },
  held,
)

await scenario(
  'firmware',
  async () => {
    await going()
    const from = decisions(trace).length
    firmware(1, 3)
    const capped = await until('it to be told', () => knobEvents(trace, from).find(({ what }) => what === 'capped'))
    await more(trace, 20)
    const { points } = spacesOf(trace)
    const above = decisions(trace)
      .slice(-10)
      .filter(({ action }) => Number(points[action]['big.freqHz']) > 1e9)
    firmware(1, 0)
    await until('its end to be told', () => knobEvents(trace, from).find(({ what }) => what === 'uncapped'))
    return {
      alive: alive(),
      name: capped.name,
      by: capped.by,
      above: above.length,
      changed: knobEvents(trace, from).filter(({ what }) => what === 'changed'),
    }
  },
  held,
)

await scenario(
  'hotplug',
  async () => {
    await going()
    for (const cpu of [2, 3]) setOnline(cpu, false)
    const policy = answer(`${big}/scaling_max_freq`)
    // The decision under way when the last core went may still have been for it.
    await more(trace, 12)
    const gone = { used: clustersOf(trace, 10), open: openOf(trace, 10) }
    for (const cpu of [2, 3]) setOnline(cpu, true)
    await until('the cluster to be used again', () => clustersOf(trace, 10).includes('big'))
    return { policy, gone, back: openOf(trace, 1), alive: alive() }
  },
  held,
)

await scenario(
  'cpuset',
  async () => {
    await going()
    const group = '/sys/fs/cgroup/board'
    write('/sys/fs/cgroup/cgroup.subtree_control', '+cpuset')
    mkdirSync(group)
    write(`${group}/cpuset.cpus`, '0-3')
    write(`${group}/cgroup.procs`, explorer.pid)
    // With a gap.
    write(`${group}/cpuset.cpus`, '0,3')
    await more(trace, 12)
    const gap = openOf(trace, 10)
    const cores = [
      ...new Set(
        decisions(trace)
          .slice(-10)
          .map(({ action }) => spacesOf(trace).points[action].cores),
      ),
    ]
    write(`${group}/cpuset.cpus`, '2-3')
    await more(trace, 12)
    const bigOnly = { used: clustersOf(trace, 10), open: openOf(trace, 10) }
    for (const cpu of [2, 3]) setOnline(cpu, false)
    await more(trace, 12)
    const fallBack = { effective: answer(`${group}/cpuset.cpus.effective`), alive: alive() }
    for (const cpu of [2, 3]) setOnline(cpu, true)
    await more(trace, 12)
    const returned = clustersOf(trace, 10)
    write(`${group}/cpuset.cpus`, '0-3')
    write('/sys/fs/cgroup/cgroup.procs', explorer.pid)
    rmdirSync(group)
    write('/sys/fs/cgroup/cgroup.subtree_control', '-cpuset')
    await until('both clusters', () => clustersOf(trace, 60).length === 2)
    return { gap, cores, bigOnly, fallBack, returned, alive: alive() }
  },
  held,
)

await scenario(
  'foreign write',
  async () => {
    await going()
    const from = decisions(trace).length
    const theirs = { 'big.freqHz': [big, 1700000], 'little.freqHz': [little, 1200000] }
    // What the run itself set a moment ago may pass for a late reading of that: whoever means it writes it again.
    await until('both to be given up', () => {
      const told = knobEvents(trace, from).flatMap(({ what, name }) => (what === 'changed' ? [name] : []))
      const others = Object.keys(theirs).filter((name) => !told.includes(name))
      for (const name of others) write(`${theirs[name][0]}/scaling_max_freq`, theirs[name][1])
      return others.length === 0
    })
    await sleep(60)
    const yielded = knobs()
    await more(trace, 20)
    const kept = knobs()
    const events = knobEvents(trace, from).map(({ what, name, by, yielded }) => `${what} ${name} ${by} ${yielded}`)
    return { yielded, kept, events, alive: alive() }
  },
  held,
)

await scenario('kill -9', async () => {
  await explorer.end('SIGKILL')
  const dry = await flyball(['restore', '--dry-run', '--json']).ended
  const before = knobs()
  const { status, stdout } = await flyball(['restore', '--json']).ended
  const results = JSON.parse(stdout).entries.map(({ path, result }) => `${path.split('/').slice(-2).join('/')} ${result}`)
  return { dry: dry.status, before, status, results, after: knobs(), left: leftBehind() }
})

await scenario('deploy and SIGTERM', async () => {
  const deployed = flyball(['deploy', run, '--json'])
  const log = `${run}/deploy-1/trace.jsonl`
  await more(log, 10)
  const held = knobs()
  const { status, stdout } = await deployed.end('SIGTERM')
  const { stopped, knobs: events } = JSON.parse(stdout)
  return { held: held.join() !== knobs().join(), status, stopped, events, after: knobs(), left: leftBehind() }
})

await scenario('deploy, force and kill -9', async () => {
  const deployed = flyball(['deploy', run, '--force-knobs'])
  const log = `${run}/deploy-2/trace.jsonl`
  await more(log, 5)
  const [held] = policies.filter((policy) => answer(`${policy}/scaling_min_freq`) === answer(`${policy}/scaling_max_freq`))
  const mine = answer(`${held}/scaling_max_freq`)
  // Not what is held, and lower: the other end would be refused.
  write(`${held}/scaling_min_freq`, held === little ? 400000 : 600000)
  write(`${held}/scaling_max_freq`, mine === '1000000' ? 1400000 : 1000000)
  await until('it to be written again', () => answer(`${held}/scaling_max_freq`) === mine && knobEvents(log).length > 0)
  const events = knobEvents(log).map(({ what, yielded }) => `${what} ${yielded}`)
  const ended = await deployed.end('SIGKILL')
  const { status } = await flyball(['restore']).ended
  return { events, signal: ended.signal, status, after: knobs(), left: leftBehind() }
})

await scenario('kill -9 beside a watchdog', async () => {
  const original = knobs().join()
  const deployed = flyball(['deploy', run, '--watchdog', '200s'])
  const log = `${run}/deploy-3/trace.jsonl`
  await more(log, 5)
  const held = knobs().join() !== original
  const { signal } = await deployed.end('SIGKILL')
  await until('the watchdog', () => knobs().join() === original && leftBehind().length === 0)
  return { held, signal, after: knobs() }
})

await scenario('another user', async () => {
  const home = '/tmp/nobody'
  mkdirSync(home)
  chmodSync(home, 0o777)
  chmodSync('/tmp/network', 0o755)
  const as = { uid: 65534, gid: 65534, cwd: home, env: { ...process.env, HOME: home, FLYBALL_STATE_DIR: `${home}/state` } }
  const recorded = await flyball(['record', ...board, '--steps', '10', '--out', `${home}/run`], as).ended
  const { knobs: names } = spacesOf(`${home}/run/trace.jsonl`)
  return { status: recorded.status, knobs: names.map(({ name }) => name), said: /no permission/.test(recorded.stderr), after: knobs() }
})

process.exit(0)
