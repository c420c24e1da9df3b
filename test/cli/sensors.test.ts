import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { makeTwoPolicyBoard } from '../support/two-policy-board.ts'
import { waitFor } from '../support/wait-for.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const cpus = getAffinity(0)
const lineCount = (file: string): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 0)
/** As the kernel would: at no moment is the file empty. */
const say = (file: string, text: string): void => writeFileSync(file, text, { flag: 'r+' })
const zone = (number: number, type: string): string => `=== sys/class/thermal/thermal_zone${number}/type
${type}
=== sys/class/thermal/thermal_zone${number}/temp
46000
`

describe('a sensor in trouble during a run', () => {
  it('is told on the terminal, in the trace, in the result and in trace show, and so is its end', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number, zone(0, 'cpu-thermal'))
    onTestFinished(() => board.remove())
    const temp = join(board.root, 'sys/class/thermal/thermal_zone0/temp')
    const out = place.path('trouble')
    const trace = join(out, 'trace.jsonl')
    const run = place.start('train', '--network', place.network, '--root', board.root, '--rate', '100', '--steps', '1000000', '--out', out, '--json')
    await waitFor('decisions', () => lineCount(trace) > 20)
    say(temp, '255000\n')
    await waitFor('it to be doubted', () => /sensor cpu-thermal: .*255/.test(run.stderr()))
    say(temp, '47000 \n')
    await waitFor('it to be believed again', () => run.stderr().includes('sensor cpu-thermal: believed again (implausible before)'))
    run.child.kill('SIGTERM')
    const { stdout } = await run.ended
    const { sensors } = JSON.parse(stdout) as { sensors: { step: number }[] }
    expect(sensors).toMatchObject([
      { what: 'doubted', sensor: 'cpu-thermal', trouble: 'implausible', why: expect.stringContaining('255') },
      { what: 'believed', sensor: 'cpu-thermal', trouble: 'implausible' },
    ])
    const logged = [...openTrace(trace).entries()].filter(({ kind }) => kind === 'sensor')
    expect(logged).toEqual(sensors.map((sensor) => ({ kind: 'sensor', ...sensor })))
    expect(JSON.parse((await place.run('trace', 'show', out, '--json')).stdout)).toMatchObject({ sensors: 1 })
    expect(JSON.parse((await place.run('replay', out, '--json')).stdout)).toMatchObject({ execution: { exact: true } })
  })
})

/** A driver that is loaded late: its folder appears whole. */
function plug(root: string, folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, `${folder}.new`), { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, `${folder}.new`, name), `${content}\n`)
  renameSync(join(root, `${folder}.new`), join(root, folder))
}

describe('a sensor that was not there when a run began', () => {
  it('is found while it goes on: energy is measured, the temperature is seen and guarded by, and the trace says since when', async ({ skip }) => {
    if (cpus.length < 2) skip('this process may use one core only')
    const board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
    onTestFinished(() => board.remove())
    const out = place.path('late')
    const trace = join(out, 'trace.jsonl')
    const run = place.start('train', '--network', place.network, '--root', board.root, '--rate', '30', '--steps', '1000000', '--out', out, '--json')
    await waitFor('decisions', () => lineCount(trace) > 20)
    plug(board.root, 'sys/class/hwmon/hwmon3', { name: 'ina226', power1_label: 'VDD_IN', power1_input: '5000000', update_interval: '2' })
    plug(board.root, 'sys/class/thermal/thermal_zone0', {
      ...{ type: 'cpu-thermal', temp: '79000', mode: 'enabled' },
      ...{ trip_point_0_type: 'passive', trip_point_0_temp: '80000' },
    })
    await waitFor(
      'the rail to be found',
      () => run.stderr().includes('sensor ina226:VDD_IN: is there now: energy is measured from here on, of the board'),
      60_000,
    )
    await waitFor('the zone to be found', () => run.stderr().includes('sensor cpu-thermal: is there now'), 60_000)
    await waitFor('the guard to go by it', () => /guard took .*cpu-thermal at 79 degC, limit 75 degC/.test(run.stderr()), 60_000)
    const seen = lineCount(trace)
    await waitFor('it to go on', () => lineCount(trace) > seen + 20, 60_000)
    run.child.kill('SIGTERM')
    const { stdout } = await run.ended
    const result = JSON.parse(stdout) as { sensors: { what: string; sensor: string; step: number; energyScope?: string }[]; energyScope: string }
    expect(result.energyScope).toBe('board')
    const found = result.sensors.filter(({ what }) => what === 'found')
    expect(found.map(({ sensor, energyScope }) => `${sensor} ${energyScope}`).toSorted()).toEqual(['cpu-thermal undefined', 'ina226:VDD_IN board'])
    const { header } = openTrace(trace)
    expect(header.energyScope).toBe('cpuTime')
    const at = header.spaces.monitors.findIndex(({ name }) => name === 'tempC')
    const decisions = [...openTrace(trace).entries()].flatMap((entry) => (entry.kind === 'decision' ? [entry] : []))
    const rail = found.find(({ energyScope }) => energyScope !== undefined)?.step as number
    expect(decisions.filter(({ step }) => step < rail - 1).every(({ outcome }) => outcome.energyQuality !== 'measured')).toBe(true)
    expect(decisions.some(({ step, outcome }) => step > rail && outcome.energyQuality === 'measured')).toBe(true)
    expect(decisions[0]?.observation[at]).toBeNaN()
    expect(decisions.at(-1)?.observation[at]).toBe(79)
    expect(JSON.parse((await place.run('replay', out, '--json')).stdout)).toMatchObject({ execution: { exact: true } })
  })
})
