import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

const [cpu] = getAffinity(0) as [number]
// Two ways to split one core into speeds: other operating points, hence other boards.
const there = ['--clusters', `${cpu}@0.4-0.8`]
const here = ['--clusters', `${cpu}@0.5-1`]
let place: Workplace

beforeAll(async () => {
  place = makeWorkplace()
  await place.train(place.path('there'), '--agent', 'bayes', ...there)
})
afterAll(() => place.remove())

const runJson = (run: string): unknown => JSON.parse(readFileSync(place.path(`${run}/run.json`), 'utf8'))

async function execution(run: string): Promise<unknown> {
  const { stdout } = await place.run('replay', place.path(run), '--json')
  return (JSON.parse(stdout) as { execution: unknown }).execution
}

describe('flyball train --transfer', () => {
  it('begins from the checkpoint of other operating points, says and notes which, and can be re-executed and resumed', async () => {
    const { stderr } = await place.train(place.path('here'), '--transfer', place.path('there'), ...here)
    expect(stderr).toMatch(/^prior from .*there\/checkpoint: bayes after 40 decisions on /m)
    expect(runJson('here')).toMatchObject({
      agent: { name: 'bayes' },
      transfer: { from: place.path('there/checkpoint'), agent: 'bayes', step: 40, board: expect.any(String), network: expect.any(String) },
    })
    expect(await execution('here')).toMatchObject({ decisions: 40, reproduced: 40, exact: true })
    expect((await place.run('train', '--resume', '--steps', '60', '--out', place.path('here'))).status).toBe(0)
    expect(await execution('here')).toMatchObject({ decisions: 60, reproduced: 60, exact: true })
  })

  it('says what is wrong before anything is measured', async () => {
    const ends: [string[], RegExp][] = [
      [['--transfer', place.path('there'), ...there], /of this very board, network and set of points.*--resume/s],
      [['--transfer', place.path('there'), '--agent', 'q-learning', ...here], /q-learning cannot take over .*expected a checkpoint of bayes/s],
      [['--transfer', place.path('nowhere'), ...here], /ERR_RUN_MISSING/],
      [['--transfer', place.path('there'), '--from', place.path('there')], /expected one of the two/],
    ]
    for (const [args, message] of ends) {
      const { status, stderr } = await place.run('train', '--network', place.network, '--out', place.path('wrong'), ...args)
      expect(status).not.toBe(0)
      expect(stderr).toMatch(message)
    }
    const { stderr } = await place.run('train', '--resume', '--transfer', place.path('there'), '--out', place.path('there'))
    expect(stderr).toContain('has its prior already')
  })
})
