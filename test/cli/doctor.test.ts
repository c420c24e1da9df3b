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
      'fingerprint',
      'governs',
      'guard',
      'leftBehind',
      'permissions',
      'sensorChecks',
      'sensors',
    ])
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
