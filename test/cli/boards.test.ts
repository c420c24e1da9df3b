import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KnownBoard } from '../../src/board/known/schema.ts'
import { readShipped, shippedIds } from '../../src/board/known/shipped.ts'
import { boardsCommand } from '../../src/cli/boards/boards.ts'
import { makeKnownBoard } from '../support/known-board.ts'

let printed: string
let dir: string
beforeEach(() => {
  printed = ''
  dir = mkdtempSync(join(tmpdir(), 'flyball-boards-'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(dir, { recursive: true })
})
const run = async (...args: string[]): Promise<string> => {
  await boardsCommand().exitOverride().parseAsync(args, { from: 'user' })
  return printed
}
const fileOf = (board: unknown): string => {
  const path = join(dir, 'mine.json')
  writeFileSync(path, JSON.stringify(board))
  return path
}
/** A row of the table, its cells apart. */
const cells = (line: string | undefined): string[] => (line ?? '').split(/ {2,}/)

describe('flyball boards', () => {
  it('has a row for each cluster, and what belongs to the board in its first', async () => {
    const lines = (await run()).split('\n')
    expect(cells(lines[0])).toEqual('board,name,cluster,cores,frequencies,OPPs,power,bandwidth,thermal,sensors,simulation'.split(','))
    const at = (id: string) => lines.findIndex((line) => line.startsWith(`${id} `))
    expect(shippedIds().map(at)).not.toContain(-1)
    const xu4 = at('odroid-xu4')
    expect(lines.slice(xu4, xu4 + 3).map(cells)).toEqual([
      [
        'odroid-xu4',
        'ODROID-XU3, XU4, HC1',
        'a7',
        '0-3',
        '200 MHz to 1.4 GHz',
        'full',
        'C V^2 f, measured',
        '2.29 GB/s',
        '5 zones',
        '4 unverified',
        'yes',
      ],
      ['', 'a15', '4-7', '200 MHz to 2 GHz', 'full', 'C V^2 f, measured'],
      ['', 'mali', 'gpu', '177 MHz to 600 MHz', 'full', '-'],
    ])
    expect(cells(lines[at('jetson-orin-nano')]).slice(4)).toEqual([
      '115 MHz to 1.73 GHz',
      'frequencies only',
      '-',
      '102 GB/s rated',
      '-',
      '3',
      'lacks voltages, power, thermal trips',
    ])
    expect(cells(lines[at('raspberry-pi-4')]).slice(6)).toEqual(['per OPP, measured', '2.51 GB/s', '1 zone', 'none', 'yes'])
    expect(cells(lines[at('imx8mm')]).slice(6)).toEqual(['-', '-', '1 zone', '-', 'lacks power, bandwidth'])
    expect(cells(lines[at('hikey960') + 2])).toEqual(['', 'gpu', 'gpu', '-', 'unknown', '-'])
  })

  it('lists files of the user too', async () => {
    const lines = (
      await run('--board', fileOf({ ...makeKnownBoard(), thermalZones: [{ id: 'z', trips: [], rc: { resistanceKPerW: 10, capacitanceJPerK: 2 } }] }))
    )
      .trim()
      .split('\n')
    expect(lines.slice(-3).map(cells)).toEqual([
      ['made-up', 'Made Up 1', 'little', '0-3', '500 MHz to 1 GHz', 'full', 'C V^2 f', '5 GB/s', '1 zone, RC', '-', 'yes'],
      ['', 'big', '4-5', '1 GHz to 2 GHz', 'full', 'per OPP'],
      ['', 'gpu', 'gpu', '-', 'unknown', '-'],
    ])
  })

  it('prints one JSON document with documented fields', async () => {
    const { boards } = JSON.parse(await run('--json', '--board', fileOf(makeKnownBoard()))) as { boards: Record<string, unknown>[] }
    expect(boards.map((board) => board['id'])).toEqual([...shippedIds(), 'made-up'])
    expect(boards.find((board) => board['id'] === 'imx8mm')).toEqual({
      id: 'imx8mm',
      name: 'i.MX 8M Mini',
      soc: 'NXP i.MX8MM',
      clusters: [
        {
          id: 'a53',
          kind: 'cpu',
          coreType: 'arm,cortex-a53',
          cpus: [0, 1, 2, 3],
          opps: 3,
          minFreqHz: 1.2e9,
          maxFreqHz: 1.8e9,
          grade: 'full',
          power: null,
          measured: false,
        },
      ],
      memory: { bandwidthBps: null, kind: null },
      thermal: { zones: 1, trips: 2, rc: false },
      sensors: null,
      simulatable: false,
      missing: [
        { field: 'clusters.a53.capacitanceF', short: 'power', what: expect.stringMatching(/^no capacitanceF/) },
        { field: 'memory.bandwidth', short: 'bandwidth', what: expect.stringMatching(/^no bandwidth/) },
      ],
    })
    const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
    const section = page.slice(page.indexOf('## `boards --json`'), page.indexOf('## `replay --json`'))
    for (const field of Object.keys(boards[0] as object)) expect(section, field).toMatch(new RegExp(`\`${field}(\\[\\])?\``))
  })
})

describe('flyball boards show', () => {
  it('shows a board with the sources of its figures', async () => {
    expect(await run('show', 'imx8mm')).toBe(`i.MX 8M Mini
imx8mm, NXP i.MX8MM, device tree fsl,imx8mm
cannot be simulated yet:
  clusters.a53.capacitanceF: no capacitanceF to make power of voltages: give it (dynamic-power-coefficient times 1e-12), or powerW of each OPP
  memory.bandwidth: no bandwidth: give at least one, as memcpy of one core, B/s

clusters
  a53: cpu, cores 0-3, arm,cortex-a53 [1]
    change of frequency 150 us [1]
    OPPs: full [1]
      frequency  voltage  fuses
      1.2 GHz    0.85 V   0xe 0x7
      1.6 GHz    0.95 V   0xc 0x7
      1.8 GHz    1 V      0x8 0x3
    idle cpu-pd-wait: entry 1 ms, exit 700 us, worth it from 2.7 ms [1]

thermal
  cpu-thermal, tmu, read every 2 s, when hot every 250 ms [1]
    passive 85 degC (-2) cpu_alert0: a53
    critical 95 degC (-2) cpu_crit0

sensors
  unknown

pitfalls
  Fuses hide OPPs: a chip may offer 1200 MHz alone, or 1200 and 1600 MHz. [1]
  Two transition times are stated: 150 us with the OPPs and 61.036 us at the CPU node; the longer one stands here. [1]

sources
  [1] https://github.com/torvalds/linux/blob/01df28d8085923fb1dc3c9fcb2a7676c523c66c5/arch/arm64/boot/dts/freescale/imx8mm.dtsi
`)
  })

  it('shows a file of the user', async () => {
    expect(await run('show', '--board', fileOf(makeKnownBoard()))).toBe(`Made Up 1
made-up, Imagined M1, device tree made,up
can be simulated

clusters
  little: cpu, cores 0-3, arm,cortex-a55 [1]
    capacity 0.4 [1]; capacitance 100 pF a core [3]
    OPPs: full [2]
      frequency  voltage  power, C V^2 f
      500 MHz    0.7 V    24.5 mW
      1 GHz      0.8 V    64 mW
  big: cpu, cores 4-5, arm,cortex-a76 [1]
    capacity 1 [1]
    OPPs: full [2]
      frequency  power
      1 GHz      500 mW
      2 GHz      1.5 W
  gpu: gpu
    OPPs: unknown

memory
  memcpy 5 GB/s, big [2]

thermal
  cpu-thermal [1]
    passive 80 degC hot: big

sensors
  unknown

pitfalls
  It does not exist. [1]

sources
  [1] assumed: all made up
  [2] https://example.org/made-up.dtsi
  [3] https://example.org/made-up.dtsi; derived: its 100 uW/MHz/V^2 times 1e-12
`)
  })

  it.each(shippedIds())('%s: prints every source, pitfall, OPP and zone', async (id) => {
    const board: KnownBoard = readShipped(id)
    const text = await run('show', id)
    for (const { document } of board.sources) if (document !== undefined) expect(text).toContain(document)
    for (const pitfall of board.pitfalls) expect(text).toContain(pitfall)
    for (const { id: zone } of board.thermalZones ?? []) expect(text).toMatch(new RegExp(`^ {2}${zone}\\b`, 'm'))
    for (const { rail } of board.measured?.rails ?? []) expect(text).toMatch(new RegExp(`^ {2}${rail} [\\d.]+ m?W: `, 'm'))
    expect(text).not.toMatch(/undefined|NaN|\[object/)
  })

  it('shows measured tables, modes and rails', async () => {
    const xu4 = await run('show', 'odroid-xu4')
    expect(xu4).toMatch(/^ +2 GHz +413 mW +2\.16 W 1\.000 +2\.18 W 1\.000/m)
    expect(xu4).toContain('VDD_ARM (a15), unverified, ti,ina231 0x40, shunt 10 mohm, every 260 ms; ')
    expect(await run('show', 'jetson-nano')).toMatch(/^ +1 +5W +called 5 W, 2 CPUs, a57 up to 918 MHz \(in effect 921\.6 MHz\), .* \[5, 6\]$/m)
    expect(await run('show', 'rk3588')).toContain('51.38 GFLOP/s at 12 W (wall): HPL, double precision, all cores, ROCK 5B [10]')
    expect(await run('show', 'hikey960')).toMatch(/^ +2\.362 GHz +1715 +118 +1$/m)
  })

  it('prints the file and what is missing as JSON', async () => {
    expect(JSON.parse(await run('show', '--json', 'hikey960'))).toEqual({
      board: readShipped('hikey960'),
      simulatable: false,
      missing: [{ field: 'memory.bandwidth', short: 'bandwidth', what: 'no bandwidth: give at least one, as memcpy of one core, B/s' }],
    })
  })

  it('refuses ids that are not there, bad files, and a call that does not say which', async () => {
    await expect(run('show', 'jetson')).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_BOARD',
      message: `no board is called 'jetson', did you mean jetson-agx-orin or jetson-nano or jetson-orin-nano?`,
    })
    const bad = fileOf({ ...makeKnownBoard(), clusters: [{ id: 'a', kind: 'cpu', cpus: [0], opps: [{ freqHz: 1800000 }] }] })
    const error = { code: 'ERR_BOARD_FILE', message: expect.stringContaining(`${bad}: clusters.0.opps.0.freqHz is 1800000: expected a frequency`) }
    await expect(run('show', '--board', bad)).rejects.toMatchObject(error)
    await expect(run('--board', bad)).rejects.toMatchObject(error)
    await expect(run('list')).rejects.toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('flyball boards show ID') })
    await expect(run('show')).rejects.toMatchObject({ code: 'ERR_USAGE', message: 'show: no board is given, expected an ID or --board FILE' })
    await expect(run('show', 'rk3588', '--board', bad)).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('takes the example of the documentation', async () => {
    const page = readFileSync(new URL('../../docs/boards.md', import.meta.url), 'utf8')
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
    const path = join(dir, 'example.json')
    writeFileSync(path, example)
    expect(await run('show', '--board', path)).toContain('\ncan be simulated\n')
  })
})
