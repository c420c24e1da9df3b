import { findAgent } from '../agents/index.ts'
import { setAffinity } from '../src/linux/affinity.ts'
import { openSession } from '../src/network/session.ts'
import { anyObjective, flag, openGround, pointOf, print, quantile, time } from './support.ts'

// Governed inference at a fixed operating point (sense, decide, place, run, learn) against a bare loop of session.run over the same increments
// on the same core, in alternating blocks of one process. Target: within 3 % or 50 us at p50, whichever is larger.

const blocks = Number(flag('blocks', '20'))
const requests = Number(flag('requests', '100'))
const cpu = Number(flag('cpu', '1'))

const rows: string[][] = [['sub-network', 'bare p50', 'governed p50', 'difference', 'ratio', 'within']]
const document: unknown[] = []
const ground = await openGround({ rate: 'back-to-back', clusters: `${cpu}`, virtual: 'none' })
const { network, runtime } = ground.open
const env = ground.env()
const bare = await openSession(network)
for (const [subnet, { name }] of network.manifest.subnets.entries()) {
  const point = pointOf(env, { subnet: name })
  const agent = findAgent('static').make({ spaces: env.spaces, seed: 1, options: { point } })
  const units = network.unitsOf(subnet)
  const bareS: number[] = []
  const governedS: number[] = []
  for (let block = 0; block < blocks; block++) {
    setAffinity(0, [cpu])
    for (let i = 0; i < requests; i++) {
      const startS = performance.now() / 1000
      for (const unit of units) await bare.run(unit)
      bareS.push(performance.now() / 1000 - startS)
    }
    const start = await env.reset({ seed: block })
    let { observation, mask } = start
    const { objective } = anyObjective(env)
    for (let i = 0; i < requests; i++) {
      const choice = await agent.act(observation, mask)
      const step = await env.step(choice.action)
      objective.cost(step.outcome, step.requirements)
      // From the request to the answer, and the look at the board before it, which precedes the arrival in a closed loop.
      governedS.push(step.outcome.latencyS)
      observation = step.observation
      mask = step.mask
    }
  }
  const [b, g] = [quantile(bareS, 0.5), quantile(governedS, 0.5)]
  const within = g - b <= Math.max(0.03 * b, 50e-6)
  rows.push([name, time(b), time(g), time(g - b), (g / b).toFixed(3), within ? 'yes' : 'no'])
  document.push({ subnet: name, bareS: b, governedS: g, differenceS: g - b, ratio: g / b, within })
}
await bare.close()
await runtime.close()
print('governed inference at a fixed point against a bare session.run loop', rows, document)
