// `flyball deploy --service` under the systemd that is this guest's first process. Runs after permissions.mjs, which leaves a user, its rights and its run.
// usage: node services.mjs RESULT
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { knobs, policies, scenario, until } from './board.mjs'
import { ask, main, stateDir } from './flyball.mjs'

const unitFile = '/etc/systemd/system/flyball.service'
const [little, big] = policies
const held = { held: true }
const left = () => (existsSync(stateDir) ? readdirSync(stateDir) : [])

const state = async (...names) => {
  const lines = (await ask('systemctl', ['show', 'flyball', ...names.map((name) => `--property=${name}`)]))
    .split('\n')
    .map((line) => line.split(/=(.*)/s))
  const found = Object.fromEntries(lines)
  return names.map((name) => found[name])
}
const said = async () => (await ask('journalctl', ['-b', '-u', 'flyball', '-o', 'cat', '-q'])).split('\n')
const untouched = knobs()
const moved = () => knobs().join() !== untouched.join()
/** Waits until the service has been started again so often, and governs. */
const again = (restarts) =>
  until(
    `restart ${restarts}`,
    async () => {
      const [n, active] = await state('NRestarts', 'ActiveState')
      return Number(n) >= restarts && active === 'active' && moved()
    },
    600,
  )
/** Prints the unit of a run, and installs it by the commands at its top. What the drop-in adds looks at what the service may do, and notes the knobs once all is put back. */
async function install(run, options) {
  const printed = spawnSync('/opt/flyball', ['deploy', run, ...options, '--service'], { cwd: '/srv', encoding: 'utf8' })
  if (printed.status !== 0) throw new Error(printed.stderr)
  const limits = policies.map((policy) => `${policy}/scaling_min_freq ${policy}/scaling_max_freq`).join(' ')
  const paths = [
    '/etc/other',
    '/usr/other',
    '/var/other',
    '/root/other',
    '/opt/flyball',
    '/proc/sys/vm/swappiness',
    '/sys/fs/cgroup/cgroup.procs',
    '/dev/port',
  ]
  const seen = [`${little}/scaling_governor`, `${little}/scaling_max_freq`, `${big}/scaling_min_freq`, `${run}/seen`]
  mkdirSync(`${unitFile}.d`, { recursive: true })
  writeFileSync(
    `${unitFile}.d/look.conf`,
    `[Service]
WatchdogSec=40
ExecStartPre=/bin/bash /repo/test/kernel/guest/probe.sh ${run}/rights ${[...paths, ...seen].join(' ')}
ExecStopPost=/bin/sh -c 'cat ${limits} >${run}/stopped'
`,
  )
  const commands = [...printed.stdout.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line)
  for (const line of commands) {
    const { status, stderr } = spawnSync('sh', ['-c', line], { cwd: '/srv', encoding: 'utf8' })
    if (status !== 0) throw new Error(`${line}: status ${status}\n${stderr}\n${(await said()).slice(-30).join('\n')}`)
  }
  const verify = spawnSync('systemd-analyze', ['verify', unitFile], { encoding: 'utf8' })
  return { same: readFileSync(unitFile, 'utf8') === printed.stdout, verify: verify.status === 0 ? verify.stderr.trim() : verify.stderr }
}
/** Limits, kHz, when the last ExecStopPost was done. */
const stopped = (run) => readFileSync(`${run}/stopped`, 'utf8').trim().split('\n').join(' ')

// The commands at the top of a unit begin with it.
writeFileSync('/opt/flyball', `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`)
chmodSync('/opt/flyball', 0o755)
await ask('cp', ['-r', '/home/pilot/run', '/srv/run'])
await ask('chown', ['-R', 'root:root', '/srv/run'])
const run = '/srv/run'

await scenario(
  'started',
  async () => {
    const installed = await install(run, ['--rate', '30', '--watchdog', 'off'])
    const [type, active, user, caps] = await state('Type', 'ActiveState', 'User', 'CapabilityBoundingSet')
    await until('a clock to be set', moved)
    return { ...installed, type, active, user, caps, enabled: spawnSync('systemctl', ['is-enabled', 'flyball'], { encoding: 'utf8' }).stdout.trim() }
  },
  held,
)

await scenario(
  'rights',
  async () => {
    const lines = readFileSync(`${run}/rights`, 'utf8').trim().split('\n')
    const network = lines.at(-1)
    const score = /level for flyball\.service: ([\d.]+) (\w+)/.exec(await ask('systemd-analyze', ['security', '--no-pager', 'flyball.service']))
    return { lines: lines.slice(0, -1), ownNetwork: network !== readlinkSync('/proc/self/ns/net'), score: Number(score?.[1]), word: score?.[2] }
  },
  held,
)

await scenario(
  'kill -9',
  async () => {
    rmSync(`${run}/stopped`, { force: true })
    await ask('systemctl', ['kill', '--signal=KILL', '--kill-who=main', 'flyball'])
    await until('the last command', () => existsSync(`${run}/stopped`))
    await again(1)
    return { restored: (await said()).filter((line) => line.startsWith('restored ')).length > 0, stopped: stopped(run) }
  },
  held,
)

await scenario(
  'stuck',
  async () => {
    rmSync(`${run}/stopped`, { force: true })
    const [pid] = await state('MainPID')
    process.kill(Number(pid), 'SIGSTOP')
    await until('the last command', () => existsSync(`${run}/stopped`))
    await again(2)
    return { timeout: (await said()).some((line) => /Watchdog timeout/.test(line)), stopped: stopped(run) }
  },
  held,
)

await scenario('stopped', async () => {
  await ask('systemctl', ['stop', 'flyball'])
  const [active, result, status] = await state('ActiveState', 'Result', 'ExecMainStatus')
  return { active, result, status, after: knobs(), left: left() }
})

await scenario('as the user', async () => {
  const mine = '/home/pilot/run'
  const installed = await install(mine, ['--rate', '30', '--watchdog', '200s'])
  const [active, pid, user, caps] = await state('ActiveState', 'MainPID', 'User', 'CapabilityBoundingSet')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  await until('a clock to be set', moved)
  // Its own watchdog is killed with it, or is quicker than the last command.
  await ask('systemctl', ['kill', '--signal=KILL', '--kill-who=main', 'flyball'])
  await until('the last command', () => existsSync(`${mine}/stopped`))
  await ask('systemctl', ['stop', 'flyball'])
  return {
    ...installed,
    active,
    user,
    caps,
    uid: /^Uid:\t(\d+)/m.exec(status)?.[1],
    effective: /^CapEff:\t0*(\d+)$/m.exec(status)?.[1],
    seccomp: /^Seccomp:\t(\d)/m.exec(status)?.[1],
    wrote: readFileSync(`${mine}/rights`, 'utf8').match(/^wrote .*$/gm),
    stopped: stopped(mine),
    after: knobs(),
    left: left(),
  }
})

process.exit(0)
