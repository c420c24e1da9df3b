import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
  mkdirSync(place.path('elsewhere'))
})
afterAll(() => place.remove())

const fast = ['--rate', 'back-to-back', '--deadline', '2x']
const settingsOf = (out: string): Record<string, unknown> => JSON.parse(readFileSync(place.path(`${out}/run.json`), 'utf8'))
/** In another folder, which has nothing of what the run was started with. */
const elsewhere = (...args: string[]) => place.runIn(place.path('elsewhere'), ...args)

describe('a run that was started with relative paths', () => {
  it('is deployed and resumed from any working directory', async () => {
    expect((await place.run('train', '--network', 'network', '--steps', '40', '--out', 'run', ...fast)).status).toBe(0)
    expect(settingsOf('run')).toMatchObject({ network: place.network })
    const deployed = await elsewhere('deploy', '../run', '--steps', '5')
    expect(deployed.stderr).not.toContain('ERR_')
    expect(deployed.status).toBe(0)
    expect((await elsewhere('train', '--resume', '--steps', '60', '--out', '../run')).status).toBe(0)
  })

  it('on a table, with a scenario of its own, is resumed and deployed from any working directory', async () => {
    expect((await place.run('profile', '--network', 'network', '--rate', 'back-to-back', '--rounds', '1', '--out', 'mine')).status).toBe(0)
    // A scenario of the user's own, with none but its own name.
    const steady = readFileSync(new URL('../../envs/world/scenarios/steady.json', import.meta.url), 'utf8')
    writeFileSync(place.path('own.json'), steady.replace('"name": "steady"', '"name": "own"'))
    const trained = await place.run('train', '--env', 'table:mine@own.json', '--steps', '40', '--deadline', '2x', '--out', 'offline')
    expect(trained.stderr).not.toContain('ERR_')
    expect(settingsOf('offline')).toMatchObject({
      network: place.network,
      learnedOn: { table: place.path('mine.json'), ground: { source: place.path('mine'), scenario: place.path('own.json') } },
    })
    // Another table of that name is not taken for it.
    const resumed = await elsewhere('train', '--resume', '--steps', '60', '--out', '../offline')
    expect(resumed.stderr).toContain('going on with q-learning at step 40')
    expect(resumed.status).toBe(0)
    expect((await elsewhere('deploy', '../offline', '--steps', '5', '--rate', 'back-to-back')).status).toBe(0)
  })

  it('in a simulation of a board of its own is resumed from any working directory', async () => {
    const board = readFileSync(new URL('../../src/board/catalogue/odroid-xu4.json', import.meta.url))
    writeFileSync(place.path('board.json'), board)
    expect((await place.run('train', '--env', 'sim:board.json', '--steps', '40', '--out', 'simulated')).status).toBe(0)
    const { status, stderr } = await elsewhere('train', '--resume', '--steps', '60', '--out', '../simulated')
    expect(stderr).toContain('going on with q-learning at step 40')
    expect(status).toBe(0)
  })

  it('of an earlier version is read as it was written: from where it was started', async () => {
    expect((await place.run('train', '--network', 'network', '--steps', '30', '--out', 'old', ...fast)).status).toBe(0)
    writeFileSync(place.path('old/run.json'), JSON.stringify({ ...settingsOf('old'), network: 'network' }))
    expect((await place.run('deploy', 'old', '--steps', '5')).status).toBe(0)
    renameSync(place.path('old'), join(place.path('elsewhere'), 'old'))
    const { status, stderr } = await elsewhere('deploy', 'old', '--steps', '5')
    expect(status).not.toBe(0)
    expect(stderr).toContain(place.path('elsewhere/network'))
    expect((await elsewhere('deploy', 'old', '--network', '../network', '--steps', '5')).status).toBe(0)
  })
})
