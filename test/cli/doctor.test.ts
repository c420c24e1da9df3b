import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { doctorCommand } from '../../src/cli/doctor.ts'
import { type Unpacked, unpackBoard } from '../fixtures/boards/unpack.ts'

let printed: string
let board: Unpacked
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  board?.remove()
})
const run = (...args: string[]) => doctorCommand().exitOverride().parseAsync(args, { from: 'user' })

describe('flyball doctor', () => {
  it('shows clusters, sensors and zones of a board', async () => {
    board = unpackBoard('rk3588')
    await run('--root', board.root)
    expect(printed).toContain('Radxa ROCK 5B\n')
    expect(printed).toMatch(/big1 +cores 6-7 +11 OPPs 408 MHz to 2.35 GHz +schedutil/)
    expect(printed).toMatch(/npu .*flyball places no work here yet/)
    expect(printed).toMatch(/estimated +energy +CPU time times modelled power of a core: no sensor covers the CPUs/)
    expect(printed).toMatch(/gpu-thermal +46.2 degC +not used/)
    expect(printed).toContain('fingerprint: Radxa ROCK 5B | little cpu 0-3 8 OPP')
  })

  it('prints one JSON document', async () => {
    board = unpackBoard('intel-laptop')
    await run('--root', board.root, '--json')
    const document = JSON.parse(printed)
    expect(document).toMatchObject({
      board: { name: 'XPS 13 9310' },
      governs: 'sub-network + cores + frequency of cpu',
      permissions: [],
      leftBehind: [],
    })
    expect(Object.keys(document).sort()).toEqual([
      'board',
      'corePower',
      'degrees',
      'fingerprint',
      'governs',
      'guard',
      'leftBehind',
      'permissions',
      'sensorChecks',
      'sensors',
    ])
  })

  it('prints what grants the rights that are missing, and runs none of it', async () => {
    board = unpackBoard('odroid-xu4')
    const before = readdirSync(board.root, { recursive: true }).length
    await run('--root', board.root, '--fix')
    expect(printed).toContain("sudo tee /etc/udev/rules.d/70-flyball.rules > /dev/null <<'EOF'\n")
    expect(printed).toContain('z /sys/devices/system/cpu/cpufreq/policy4/scaling_max_freq 0664 root flyball - -\n')
    expect(printed).toContain('sudo groupadd --system --force flyball\n')
    expect(printed).toMatch(/# To undo it:\n# {3}sudo rm \/etc\/tmpfiles/)
    // Every line is a comment or can be pasted into a shell: sh -n finds no fault in it.
    expect(spawnSync('sh', ['-n'], { input: printed, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    expect(readdirSync(board.root, { recursive: true }).length).toBe(before)
  })

  it.runIf(process.getuid?.() === 0)('tells a user which degree holds, and gives the fix as JSON (as root only, which can be another)', async () => {
    board = unpackBoard('rk3588')
    const root = board.root
    const child = (...args: string[]) =>
      spawnSync(process.execPath, [fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url)), 'doctor', '--root', root, ...args], {
        encoding: 'utf8',
        uid: 65534,
        gid: 65534,
      })
    expect(child().stdout).toMatch(/user +now +sub-network \+ cores \+ cluster \(no right beyond/)
    expect(child().stdout).toMatch(/group +open +frequency of little \+ frequency of big0 \+ frequency of big1/)
    expect(JSON.parse(child('--fix', '--json').stdout)).toMatchObject({ group: 'flyball', grants: [{ what: 'frequency of little' }, {}, {}] })
    // Once the group's rights are there, it is said too.
    for (const policy of [0, 4, 6])
      for (const end of ['min', 'max']) chmodSync(join(root, `sys/devices/system/cpu/cpufreq/policy${policy}/scaling_${end}_freq`), 0o666)
    expect(child().stdout).toMatch(/group +now +/)
    expect(child('--fix').stdout).toContain('nothing to fix')
    expect(JSON.parse(child('--fix', '--json').stdout)).toBeNull()
  })

  it('of this machine adds the inventory', async () => {
    await run('--json')
    const document = JSON.parse(printed)
    expect(document.board.root).toBe('/')
    expect(document.inventory).toBeTypeOf('object')
  })

  it('refuses a folder that is no board, and has an example in its help', async () => {
    await expect(run('--root', '/proc/self/fd')).rejects.toThrow(/looks like a board/)
    expect(doctorCommand().helpInformation()).toContain('--root')
    await expect(run('--help')).rejects.toThrow()
    expect(printed).toContain('Example:')
  })
})
