import { describe, expect, it } from 'vitest'
import { date2020, simNetworkOf } from '../../../envs/sim/network.ts'
import { openNetwork } from '../../../src/network/manifest.ts'
import { networkDir } from '../../../src/run/shipped.ts'
import { errorOf } from '../../support/error-of.ts'

describe('the network of the DATE 2020 paper', () => {
  const [quarter, half, three, whole] = date2020.subnets

  it('has its accuracies as recalled, and says so', () => {
    expect(date2020.subnets.map(({ name, accuracy }) => [name, accuracy])).toEqual([
      ['25', 0.56],
      ['50', 0.627],
      ['75', 0.688],
      ['100', 0.712],
    ])
    expect(date2020.labels.join()).toMatch(/as recalled.*assumed/)
  })

  it('is 2.73 times cheaper to compute at a quarter of its width, linear between', () => {
    expect(whole?.macs).toBe(45e6)
    expect(45e6 / (quarter?.macs as number)).toBeCloseTo(2.73, 5)
    expect((three?.macs as number) - (half?.macs as number)).toBeCloseTo((half?.macs as number) - (quarter?.macs as number), -1)
    expect([quarter?.activity, whole?.activity]).toEqual([1.24, 1])
  })
})

describe('a network of flyball', () => {
  const { manifest } = openNetwork(networkDir('shipped:cifar10-g4'))

  it('gives MACs, accuracy and bytes of weights', () => {
    const { id, subnets } = simNetworkOf(manifest)
    expect(id).toBe('cifar10-g4')
    expect(subnets[1]).toEqual({ name: '50', macs: 22120960, movedB: 2 * 1172202, accuracy: 0.86, activity: 1 })
  })

  it('cannot be simulated where MACs are unknown', () => {
    const { macs: _, ...bare } = manifest.subnets[0] as (typeof manifest.subnets)[number]
    const error = errorOf(() => simNetworkOf({ ...manifest, subnets: [bare] }))
    expect(error.code).toBe('ERR_NETWORK_MANIFEST')
    expect(error.message).toMatch(/subnets\.0\.macs is missing/)
  })
})
