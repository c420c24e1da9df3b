import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { constants } from '../../envs/sim/constants.ts'
import { date2020 } from '../../envs/sim/network.ts'
import { readShipped, shippedIds } from '../../src/board/known/shipped.ts'
import { simulatable } from '../../src/board/known/simulatable.ts'

const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8')

describe('docs/simulator.md', () => {
  it('names the boards that can be simulated, and no other as such', () => {
    const [line = ''] = /^.*can be simulated; of another.*$/m.exec(page) ?? []
    const named = [...line.matchAll(/`([a-z0-9-]+)`/g)].map(([, id]) => id)
    expect(named.sort()).toEqual(shippedIds().filter((id) => simulatable(readShipped(id)).ok))
  })

  it('tells the constants that the simulator has', () => {
    const percent = (ratio: number): string => `${Number((100 * ratio).toPrecision(3))} %`
    for (const text of [
      `with ${percent(constants.parallelShare.value)} in parallel`,
      `${percent(constants.jitter.value)} on a quiet board and up to ${percent(constants.jitterOfInterference.value)} more`,
      `${percent(constants.tailShare.value)} of requests, ${percent(constants.tailOfInterference.value)} more`,
      `(else ${constants.transitionS.value * 1e3} ms), ${constants.migrationS.value * 1e3} ms to another cluster, ${constants.coresS.value * 1e3} ms for other cores, ${constants.subnetS.value * 1e3} ms to another`,
      `every ${constants.tempPeriodS.value} s, noise of ${constants.tempNoiseC.value} C`,
      `one period of ${constants.monitorPeriodS.value} s late, noise of ${constants.interferenceNoise.value}`,
      `bandwidth within ${percent(constants.spread.value)}`,
      `by up to ${percent(constants.wiggle.value)}`,
      `the power of ${constants.leastExponent.value} to ${constants.mostExponent.value}`,
      `${date2020.subnets.map(({ accuracy }) => (100 * accuracy).toFixed(1)).join(', ')}`.replace(/, ([^,]*)$/, ' and $1 %'),
    ])
      expect(page.replaceAll('\n', ' ')).toContain(text)
  })
})
