import { spawnSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { degreesOf } from '../../src/board/degrees.ts'
import { discoverBoard } from '../../src/board/discover.ts'
import { permissionFix } from '../../src/board/permission-files.ts'
import { type Unpacked, unpackBoard } from '../fixtures/boards/unpack.ts'

let tree: Unpacked | undefined
afterEach(() => {
  tree?.remove()
  tree = undefined
})
const asUser = (name: string) => {
  tree = unpackBoard(name)
  const { root, unprivileged } = tree
  return unprivileged(() => discoverBoard({ root }))
}
const asRoot = (name: string) => {
  tree = unpackBoard(name)
  return discoverBoard({ root: tree.root })
}
const states = (board: ReturnType<typeof asUser>, root = false) => degreesOf(board, root).map(({ name, state }) => `${name} ${state}`)
const hasTmpfiles = spawnSync('systemd-tmpfiles', ['--version']).status === 0
const hasUdevadm = spawnSync('udevadm', ['verify', '--help']).status === 0

describe('degrees of power', () => {
  it('of a user without rights: a group would give the clocks and the counters', () => {
    const board = asUser('intel-laptop')
    expect(states(board)).toEqual(['advice held', 'user now', 'group open', 'root open'])
    const [, user, group] = degreesOf(board, false)
    expect(user?.gives).toBe('sub-network + cores')
    expect(group?.gives).toBe('frequency of cpu + measured energy (rapl:package) + measured energy (rapl:psys)')
    expect(group?.by).toContain('flyball doctor --fix')
  })

  it('of one who may write the clocks, and of root', () => {
    const board = asRoot('odroid-xu4')
    expect(states(board)).toEqual(['advice held', 'user held', 'group now', 'root open'])
    expect(states(board, true)).toEqual(['advice held', 'user held', 'group held', 'root now'])
    expect(degreesOf(board, false)[1]?.gives).toBe('sub-network + cores + cluster')
  })

  it('of a machine that has nothing to be let at', () => {
    const board = asUser('vm')
    expect(states(board)).toEqual(['advice held', 'user now', 'group open', 'root open'])
    expect(degreesOf(board, false)[2]?.gives).toMatch(/^nothing more: this kernel has no clock/)
    expect(permissionFix(board, 'denied')).toBeUndefined()
    expect(permissionFix(board, 'all')).toBeUndefined()
  })
})

describe('what lets a group at the board', () => {
  it('names exactly the knobs and counters in use, below /', () => {
    const fix = permissionFix(asUser('rk3588'), 'denied')
    const policies = [0, 4, 6].flatMap((policy) => ['min', 'max'].map((end) => `/sys/devices/system/cpu/cpufreq/policy${policy}/scaling_${end}_freq`))
    expect(fix?.grants.flatMap(({ paths }) => paths)).toEqual(policies)
    expect(fix?.files.map(({ path }) => path)).toEqual(['/etc/tmpfiles.d/flyball.conf', '/etc/udev/rules.d/70-flyball.rules'])
    const [tmpfiles, rules] = fix?.files ?? []
    expect(tmpfiles?.content.split('\n').filter((line) => line.startsWith('z '))).toEqual(policies.map((path) => `z ${path} 0664 root flyball - -`))
    expect(rules?.content).toContain(
      'SUBSYSTEM=="cpu", KERNEL=="cpu4|cpu5", RUN+="/bin/chgrp flyball /sys/devices/system/cpu/cpufreq/policy4/scaling_min_freq ',
    )
    // No device that flyball places no work on, no governor, nothing of another user's.
    expect(JSON.stringify(fix)).not.toMatch(/devfreq|scaling_governor|\*_freq/)
    expect(fix?.notes).toEqual(['whoever is in the group sets the clocks of everybody on this machine'])
  })

  it('lets it read energy counters, and says what that gives away', () => {
    const fix = permissionFix(asUser('intel-laptop'), 'denied')
    expect(fix?.files[0]?.content).toContain('z /sys/class/powercap/intel-rapl:0/energy_uj 0440 root flyball - -')
    expect(fix?.files[1]?.content).toMatch(/SUBSYSTEM=="powercap", KERNEL=="intel-rapl:\*", RUN\+="\/bin\/chgrp flyball /)
    expect(fix?.notes.join()).toContain('CVE-2020-8694')
  })

  it('is nothing where nothing is missing, and all there is for root', () => {
    const board = asRoot('intel-laptop')
    expect(permissionFix(board, 'denied')).toBeUndefined()
    expect(permissionFix(board, 'all')?.grants.map(({ right }) => right)).toEqual(['write', 'read', 'read'])
  })

  it.runIf(hasTmpfiles && process.getuid?.() === 0)(
    'holds when systemd-tmpfiles applies it to a copy (skipped without systemd-tmpfiles or as no root)',
    () => {
      const board = asUser('odroid-xu4')
      const root = tree?.root as string
      const fix = permissionFix(board, 'denied')
      // A group that every system has stands in for flyball's.
      const content = (fix?.files[0]?.content ?? '').replaceAll(' root flyball ', ' root daemon ')
      const file = join(root, 'etc/tmpfiles.d/flyball.conf')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(join(root, 'etc/group'), 'root:x:0:\ndaemon:x:1:\n')
      writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n')
      writeFileSync(file, content)
      const done = spawnSync('systemd-tmpfiles', ['--create', `--root=${root}`, 'flyball.conf'], { encoding: 'utf8' })
      expect(done.stderr).toBe('')
      expect(done.status).toBe(0)
      for (const path of fix?.grants.flatMap(({ paths }) => paths) ?? []) {
        const { mode, gid } = statSync(join(root, path))
        expect([path, (mode & 0o777).toString(8), gid]).toEqual([path, '664', 1])
      }
    },
  )

  it.runIf(hasUdevadm)('is a rule that udevadm verify takes (skipped without udevadm verify)', () => {
    const fix = permissionFix(asUser('rk3588'), 'denied')
    const file = join(tree?.root as string, '70-flyball.rules')
    writeFileSync(file, fix?.files[1]?.content ?? '')
    const done = spawnSync('udevadm', ['verify', '--resolve-names=never', file], { encoding: 'utf8' })
    expect(done.stdout + done.stderr).toContain('Fail: 0')
    expect(done.status).toBe(0)
  })
})
