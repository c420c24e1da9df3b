// What `flyball doctor --fix` prints, done for real: under systemd, udev and tmpfiles. /job/network is a small network.
// usage: node permissions.mjs RESULT
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { answer, knobs, policies, scenario, setOnline, until, write } from './board.mjs'
import { ask, main, start } from './flyball.mjs'

const user = 'pilot'
const home = `/home/${user}`
const files = policies.flatMap((policy) => ['scaling_min_freq', 'scaling_max_freq', 'scaling_governor'].map((name) => `${policy}/${name}`))

/** Group (by number) and mode of minimum, maximum and governor of both domains. */
const rights = () =>
  files.map((path) => {
    const { gid, mode } = statSync(path)
    return `${gid} ${(mode & 0o777).toString(8)}`
  })
const forbid = (paths = files) => {
  for (const path of paths) {
    chownSync(path, 0, 0)
    chmodSync(path, 0o644)
  }
}
const gidOf = (name) => Number(new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(readFileSync('/etc/group', 'utf8'))?.[1])
/** A command as the user, as after a login. */
const asUser = (args) =>
  start('setpriv', ['--reuid', user, '--regid', user, '--init-groups', process.execPath, main, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
  })
const granted = () => {
  const group = gidOf('flyball')
  const wanted = policies.flatMap(() => [`${group} 664`, `${group} 664`, '0 644']).join()
  return rights().join() === wanted
}
const complaints = async (unit) =>
  (await ask('journalctl', ['-b', '-u', unit, '-p', 'warning', '-o', 'cat', '-q'])).split('\n').filter((line) => /flyball/.test(line))

for (const policy of policies) write(`${policy}/scaling_governor`, 'schedutil')
mkdirSync('/srv', { recursive: true })
cpSync('/job/network', '/srv/network', { recursive: true })
// The commands say sudo: here root does what they say.
writeFileSync('/opt/sudo', '#!/bin/sh\nexec "$@"\n')
chmodSync('/opt/sudo', 0o755)

await scenario('doctor --fix', async () => {
  await ask('useradd', ['--create-home', '--user-group', user])
  const before = rights()
  const printed = await asUser(['doctor', '--fix']).ended
  const untouched = rights().join() === before.join()
  // As the text says: root puts the name in place.
  const script = printed.stdout.replaceAll('"$(id -un)"', user)
  writeFileSync('/tmp/fix.sh', script)
  const { status, stderr } = spawnSync('sh', ['-e', '/tmp/fix.sh'], { encoding: 'utf8' })
  return {
    printed: printed.status,
    untouched,
    status,
    stderr,
    member: spawnSync('id', ['-nG', user], { encoding: 'utf8' }).stdout.trim(),
    granted: granted(),
    complaints: await complaints('systemd-udevd'),
  }
})

await scenario('at boot', async () => {
  forbid()
  // What systemd-tmpfiles-setup.service does. Files of the host's other packages name users whom the guest does not have.
  const { stderr } = await start('systemd-tmpfiles', ['--create', '--remove', '--boot', '--exclude-prefix=/dev']).ended
  return { granted: granted(), complaints: stderr.split('\n').filter((line) => /flyball|cpufreq/.test(line)) }
})

await scenario('an event of a core', async () => {
  forbid()
  await ask('udevadm', ['trigger', '--action=change', '/sys/devices/system/cpu/cpu0', '/sys/devices/system/cpu/cpu3'])
  await until('the rule', granted)
  return { granted: granted() }
})

await scenario('hotplug', async () => {
  forbid(files.slice(3))
  for (const cpu of [2, 3]) setOnline(cpu, false)
  const off = granted()
  for (const cpu of [2, 3]) setOnline(cpu, true)
  await until('the rule', granted)
  return { off, granted: granted() }
})

await scenario('the driver comes later', async () => {
  await ask('rmmod', ['acpi_cpufreq'])
  const gone = answer(files[0])
  await ask('/opt/busybox', ['insmod', '/opt/modules/acpi_cpufreq.ko'])
  await until('the rule', () => answer(files[5]) !== 'ENOENT' && granted())
  return { gone, granted: granted(), complaints: await complaints('systemd-udevd') }
})

await scenario('the user governs', async () => {
  for (const policy of policies) write(`${policy}/scaling_governor`, 'schedutil')
  const { status, stderr } = await asUser([
    'train',
    '--network',
    '/srv/network',
    '--rate',
    'back-to-back',
    '--deadline',
    '2x',
    '--watchdog',
    'off',
    '--steps',
    '30',
    '--set',
    'epsilon=0.5',
    '--out',
    'run',
  ]).ended
  if (status !== 0) return { status, stderr }
  const { spaces } = JSON.parse(readFileSync(`${home}/run/trace.jsonl`, 'utf8').split('\n')[0])
  return { status, knobs: spaces.knobs.map(({ name }) => name), after: knobs() }
})

process.exit(0)
