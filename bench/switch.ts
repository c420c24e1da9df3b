import { flag, openGround, pointOf, print, quantile, time } from './support.ts'

// Changing the sub-network: the first inference after a change against the steady ones. Nothing reloads, so the target is 1.1 x.

const rounds = Number(flag('rounds', '150'))
const steady = 6

const ground = await openGround({ rate: flag('rate', 'back-to-back'), clusters: flag('clusters', '1'), virtual: 'none' })
const env = ground.env()
const names = ground.open.network.manifest.subnets.map((subnet) => subnet.name)
const first = names.map(() => [] as number[])
const later = names.map(() => [] as number[])
await env.reset({ seed: 1 })
for (let round = 0; round < rounds; round++)
  // Round by round in another order, so that every size follows every other.
  for (let i = 0; i < names.length; i++) {
    const s = (i * (1 + (round % (names.length - 1))) + round) % names.length
    const point = pointOf(env, { subnet: names[s] as string })
    for (let k = 0; k < steady; k++) {
      const { outcome } = await env.step(point)
      ;(k === 0 ? first : later)[s]?.push(outcome.latencyS)
    }
  }
await ground.open.runtime.close()

const rows: string[][] = [['sub-network', 'steady p50', 'first after a change p50', 'ratio']]
const document = names.map((subnet, s) => {
  const [steadyS, firstS] = [quantile(later[s] as number[], 0.5), quantile(first[s] as number[], 0.5)]
  rows.push([subnet, time(steadyS), time(firstS), (firstS / steadyS).toFixed(3)])
  return { subnet, steadyS, firstS, ratio: firstS / steadyS }
})
print('first inference after a change of the sub-network', rows, document)
