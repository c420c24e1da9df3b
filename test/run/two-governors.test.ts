import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { getAffinity } from '../../src/linux/affinity.ts'
import { openNetwork } from '../../src/network/manifest.ts'
import { makeNetworkSample } from '../../src/network/sample-input.ts'
import { Governor } from '../../src/run/governor.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { makeTwoPolicyBoard, type TwoPolicyBoard, untouchedKHz } from '../support/two-policy-board.ts'

const cpus = getAffinity(0)
let place: Workplace
let board: TwoPolicyBoard
beforeAll(async () => {
  place = makeWorkplace()
  if (cpus.length < 2) return
  board = makeTwoPolicyBoard(cpus[0] as number, cpus[1] as number)
  await place.train(place.path('run'), '--root', board.root)
})
afterAll(() => {
  place.remove()
  board?.remove()
})

it('two governors of one application share the undo journal, and the last one leaves the board as it was', async ({ skip }) => {
  if (cpus.length < 2) skip('this process may use one core only')
  const before = process.env['FLYBALL_STATE_DIR']
  process.env['FLYBALL_STATE_DIR'] = place.stateDir
  try {
    const problems: string[] = []
    const open = () => Governor.open(place.path('run'), { watchdog: { limitS: 60 }, onProblem: (message) => problems.push(message) })
    const [one, two] = [await open(), await open()]
    const input = makeNetworkSample(openNetwork(place.network).manifest, 1)
    for (let i = 0; i < 5; i++) for (const governor of [one, two]) await governor.infer(input)
    expect(readdirSync(place.stateDir).filter((name) => name.startsWith('journal-'))).toHaveLength(1)
    expect(board.limits()).not.toEqual(untouchedKHz)
    await one.close()
    expect(readdirSync(place.stateDir)).toHaveLength(1)
    await two.infer(input)
    await two.close()
    expect(board.limits()).toEqual(untouchedKHz)
    expect(existsSync(place.stateDir) ? readdirSync(place.stateDir) : []).toEqual([])
    expect(problems.filter((message) => message.includes('journal'))).toEqual([])
  } finally {
    if (before === undefined) delete process.env['FLYBALL_STATE_DIR']
    else process.env['FLYBALL_STATE_DIR'] = before
  }
})
