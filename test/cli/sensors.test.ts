import { existsSync, readFileSync, writeFileSync } from 'node:fs'
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
