import { describe, expect, it } from 'vitest'
import { findAgent } from '../../agents/index.ts'
import type { BoardEnv } from '../../envs/board/board-env.ts'
import { makeObjective } from '../../src/core/objective.ts'
import { type BlockResult, bestOf, interleave, pairedDifference } from '../../src/run/blocks.ts'
import { makeScriptedEnv } from '../support/scripted-env.ts'
import { scriptedObjective } from '../support/scripted-run.ts'

const result = (name: string, costs: number[]): BlockResult => ({ name, costs, summary: {} as BlockResult['summary'] })

describe('paired blocks', () => {
  it('are compared block by block', () => {
    // Differences -1, -2, -3: mean -2, deviation 1, t = 4.303.
    const { mean, lo, hi, n } = pairedDifference(result('a', [1, 2, 3]), result('b', [2, 4, 6]))
    expect({ mean, n }).toEqual({ mean: -2, n: 3 })
    expect(hi - mean).toBeCloseTo(4.303 / Math.sqrt(3), 9)
    expect(mean - lo).toBeCloseTo(4.303 / Math.sqrt(3), 9)
    expect(pairedDifference(result('a', [1, 2, 9]), result('b', [2, 4])).n).toBe(2)
  })

  it('are won by the least mean cost', () => {
    expect(bestOf([result('a', [3, 3]), result('b', [1, 4]), result('c', [9, 1])]).name).toBe('b')
  })
})

describe('interleaving', () => {
  async function run(stopAfter = Number.POSITIVE_INFINITY) {
    const scripted = makeScriptedEnv({ noise: 0 })
    const executed: number[] = []
    const env = {
      ...scripted,
      step(action: number) {
        executed.push(action)
        return scripted.step(action)
      },
      runtime: { meter: { scope: 'cpuTime' } },
    } as unknown as BoardEnv
    const objective = makeObjective(scriptedObjective(scripted.nominal), scripted.nominal)
    const fixed = (point: number) =>
      findAgent('static').make({
        spaces: scripted.spaces,
        seed: 1,
        options: { point },
        nominal: scripted.nominal,
        priorCost: new Float64Array(16).fill(1),
      })
    const labels: string[] = []
    const { results, end } = await interleave(
      {
        env,
        objective,
        contestants: [
          { name: 'a', agent: fixed(3) },
          { name: 'b', agent: fixed(9) },
        ],
        blocks: 3,
        steps: 4,
        events: {
          note() {},
          progress: (label, done, of) => void labels.push(`${label} ${done}/${of}`),
          stopped: () => (executed.length >= stopAfter ? 'SIGINT' : undefined),
        },
        label: 'comparing',
      },
      await scripted.reset({ seed: 1 }),
    )
    const cost = (a: number) => objective.nominalCost(scripted.nominal[a] as (typeof scripted.nominal)[number], { deadlineS: 0.012, percentile: 99 })
    return { results, end, executed, labels, cost }
  }

  it('takes turns in blocks, the order turning over', async () => {
    const { executed, results, labels, cost, end } = await run()
    const a = [3, 3, 3, 3]
    const b = [9, 9, 9, 9]
    expect(executed).toEqual([...a, ...b, ...b, ...a, ...a, ...b])
    expect(labels).toEqual([1, 2, 3, 4, 5, 6].map((done) => `comparing ${done}/6`))
    for (const [i, point] of [3, 9].entries()) {
      expect(results[i]?.costs).toHaveLength(3)
      for (const blockCost of results[i]?.costs ?? []) expect(blockCost).toBeCloseTo(cost(point), 5)
      expect(results[i]?.summary).toMatchObject({ steps: 12, energyScope: 'cpuTime' })
    }
    expect(end.observation).toHaveLength(11)
  })

  it('ends early when told to', async () => {
    const { executed, results } = await run(6)
    expect(executed.length).toBeLessThanOrEqual(12)
    expect(results.map(({ name }) => name)).toEqual(['a', 'b'])
  })
})
