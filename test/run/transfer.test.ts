import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import { saveCheckpoint } from '../../src/checkpoint/writer.ts'
import { makeObjective } from '../../src/core/objective.ts'
import type { Spaces } from '../../src/core/spaces.ts'
import { defaultWeights, resolveWish } from '../../src/run/request.ts'
import { readTransfer } from '../../src/run/transfer.ts'
import { errorOf } from '../support/error-of.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'

const board = { id: 'scripted', fingerprint: 'abc' }
const network = { name: 'small', sha256s: ['1', '2'] }
let dir: string
let spaces: Spaces

/** A run's folder with a checkpoint of an agent that has seen nothing. */
function leave(name: string): string {
  const env = makeScriptedEnv()
  const { requirements, objective } = resolveWish({ percentile: 99, objective: 'weighted', weights: defaultWeights }, env.nominal)
  const agent = findAgent(name).make({ spaces: env.spaces, seed: 1, options: {}, objective: makeObjective(objective, env.nominal) })
  const data = agent.save()
  const run = join(dir, name)
  saveCheckpoint(join(run, 'checkpoint'), {
    ...{ flyball: '0', agent: { name, options: {}, data }, spaces: env.spaces, board, network, objective, requirements },
    ...{ nominal: env.nominal, step: 12, seed: 1 },
  })
  spaces = env.spaces
  return run
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-transfer-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('a checkpoint as the prior of a run', () => {
  it('is read from the folder of a run, with where it came from', () => {
    const run = leave('bayes')
    const { kind, origin, transfer } = readTransfer(run, undefined)
    expect(kind.name).toBe('bayes')
    expect(origin).toEqual({ from: join(run, 'checkpoint'), agent: 'bayes', step: 12, board: 'scripted', network: 'small' })
    expect(transfer.spaces.signature).toBe(spaces.signature)
    expect(readTransfer(join(run, 'checkpoint', 'policy.json'), 'bayes').origin.step).toBe(12)
  })

  it('is refused where it can go on as it is', () => {
    const { checkElsewhere } = readTransfer(leave('bayes'), undefined)
    expect(errorOf(() => checkElsewhere({ spaces, board, network }))).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('--resume'),
    })
    checkElsewhere({ spaces, board: { ...board, fingerprint: 'other' }, network })
    checkElsewhere({ spaces, board, network: { ...network, sha256s: ['1', '3'] } })
  })

  it('is refused by agents that cannot take it over, naming those that can', () => {
    const bayes = leave('bayes')
    const other = leave('q-learning')
    const codes = [() => readTransfer(other, undefined), () => readTransfer(bayes, 'q-learning'), () => readTransfer(other, 'bayes')].map((run) =>
      errorOf(run),
    )
    for (const error of codes) expect(error).toMatchObject({ code: 'ERR_USAGE', message: expect.stringContaining('expected a checkpoint of bayes') })
    expect(codes[2]?.message).toContain('q-learning learned it')
  })
})
