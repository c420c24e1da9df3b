import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { serviceUnit } from '../../src/run/service-unit.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { hasPython, listenAt } from '../support/manager.ts'
import { makeTwoPolicyBoard, type TwoPolicyBoard, untouchedKHz } from '../support/two-policy-board.ts'
import { waitFor } from '../support/wait-for.ts'

const cpus = getAffinity(0)
let place: Workplace
let board: TwoPolicyBoard
beforeAll(async () => {
  place = makeWorkplace()
  if (cpus.length < 2) return
  board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
  await place.train(place.path('my run'), '--root', board.root)
})
afterAll(() => {
  place.remove()
  board?.remove()
})

const policies = (): string[] => {
  const folder = join(board.root, 'sys/devices/system/cpu/cpufreq')
  return readdirSync(folder).map((name) => join(folder, name))
}

/** Settings of a unit, by name; of several of one name the last. */
const settingsOf = (unit: string): Record<string, string> =>
  Object.fromEntries(
    unit.split('\n').flatMap((line) => (/^[A-Z]/.test(line) ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [])),
  )

describe('deploy --service', () => {
  it('prints a unit that may write the knobs in use, the run and the journal, and nothing else', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const { status, stdout, stderr } = await place.run('deploy', 'my run', '--rate', '30', '--watchdog', '10s', '--service')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const unit = settingsOf(stdout)
    expect(unit['Type']).toBe('notify')
    expect(unit['ExecStart']).toMatch(/^\/\S+ \/\S+\/main\.js deploy "my run" --rate 30 --watchdog 10s$/)
    expect(unit['ExecStopPost']).toMatch(/main\.js restore$/)
    const knobs = policies().flatMap((path) => ['min', 'max'].map((end) => `-${path}/scaling_${end}_freq`))
    expect(unit['ReadWritePaths']).toBe([`"${place.path('my run')}"`, ...knobs].join(' '))
    // Without @pkey systemd ends Node as it starts.
    expect(unit['SystemCallFilter']).toBe('@system-service @pkey')
    expect(unit).toMatchObject({ ProtectSystem: 'strict', PrivateNetwork: 'yes', RestrictAddressFamilies: 'AF_UNIX', Restart: 'on-failure' })
    expect(board.limits()).toEqual(untouchedKHz)
    const {
      unit: same,
      install,
      user,
    } = JSON.parse((await place.run('deploy', 'my run', '--rate', '30', '--watchdog', '10s', '--service', '--json')).stdout)
    expect(same).toBe(stdout)
    expect(install[0]).toContain(`flyball deploy 'my run' --rate 30 --watchdog 10s --service | sudo tee`)
    expect(user).toMatch(/^(root|\d+)$/)
  })

  it('prints one that systemd understands', ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    try {
      execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' })
    } catch {
      skip('systemd-analyze is not here')
    }
    mkdirSync(place.path('units'), { recursive: true })
    const file = place.path('units/flyball.service')
    const flyball = [process.execPath, join(place.dir, 'a $b%c "d"')]
    writeFileSync(flyball[1] as string, '')
    writeFileSync(file, serviceUnit({ run: place.path('my run'), flyball, args: ['deploy', 'my run'], workingDir: place.dir }).unit)
    const words = execFileSync('systemd-analyze', ['verify', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect(words).toBe('')
  })

  it('runs as the owner of the run, with the group of the knobs; as root where neither may write them', ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    if (process.getuid?.() !== 0) skip('changing owners needs root')
    const unitOf = () => settingsOf(serviceUnit({ run: place.path('my run'), flyball: ['/node'], args: ['deploy'], workingDir: '/' }).unit)
    expect(unitOf()).toMatchObject({ User: 'root', CapabilityBoundingSet: '' })
    chownSync(place.path('my run'), 1234, 1234)
    expect(unitOf()).toMatchObject({ User: 'root', CapabilityBoundingSet: 'CAP_DAC_OVERRIDE' })
    for (const path of policies())
      for (const name of ['scaling_min_freq', 'scaling_max_freq']) {
        chownSync(join(path, name), 0, 777)
        chmodSync(join(path, name), 0o664)
      }
    expect(unitOf()).toMatchObject({ User: '1234', SupplementaryGroups: '777', CapabilityBoundingSet: '' })
    for (const path of policies()) for (const name of ['scaling_min_freq', 'scaling_max_freq']) chownSync(join(path, name), 1234, 0)
    expect(unitOf()['SupplementaryGroups']).toBeUndefined()
    chownSync(place.path('my run'), 0, 0)
  })

  it('is refused without a run, and with options that deploy refuses', async () => {
    expect(await place.run('deploy', 'nothing', '--service')).toMatchObject({ status: 3, stdout: '' })
    expect(await place.run('deploy', 'my run', '--watchdog', '10', '--service')).toMatchObject({ status: 2, stdout: '' })
  })
})

describe('deploy under a service manager', () => {
  it('says when it is ready, that it moves, and that it stops', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    if (!hasPython()) skip('listening needs python3')
    const socket = place.path('notify')
    const manager = await listenAt(socket)
    process.env['NOTIFY_SOCKET'] = socket
    process.env['WATCHDOG_USEC'] = '1000000'
    const run = place.start('deploy', 'my run', '--rate', '50')
    delete process.env['NOTIFY_SOCKET']
    delete process.env['WATCHDOG_USEC']
    try {
      await waitFor('three beats', () => manager.heard().filter((line) => line === 'WATCHDOG=1').length >= 3)
      run.child.kill('SIGTERM')
      expect((await run.ended).status).toBe(0)
      await waitFor('the last word', () => manager.heard().includes('STOPPING=1'))
      expect(manager.heard()[0]).toBe('READY=1')
      expect(manager.heard().at(-1)).toBe('STOPPING=1')
      expect(board.limits()).toEqual(untouchedKHz)
    } finally {
      manager.close()
    }
  })
})
