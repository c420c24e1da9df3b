import { findAgent } from '../agents/index.ts'
import type { RunSummary } from '../src/run/tally.ts'
import { anyObjective, flag, openGround, print, runSteps, time } from './support.ts'

// The governor's own time per decision, phase by phase, with real inference between decisions. Baseline: the inference it governs.
// Back to back its code and the kernel's are warm; at 30 requests a second every decision starts after 33 ms of idling, with cold caches.

const steps = Number(flag('steps', '1500'))
const rates = flag('rates', 'back-to-back,30').split(',')
const agents = flag('agents', 'q-learning,linucb').split(',')

const rows: string[][] = [['rate, agent', 'phase', 'p50', 'p95', 'p99', 'n', 'p50 / inference']]
const document: unknown[] = []
for (const rate of rates) {
  const ground = await openGround({ rate, clusters: flag('clusters', '0,1'), virtual: 'pacing' })
  for (const name of agents) {
    const env = ground.env()
    const agent = findAgent(name).make({
      spaces: env.spaces,
      seed: 1,
      options: {},
      nominal: anyObjective(env).nominal,
      priorCost: new Float64Array(env.spaces.points.length).fill(1),
    })
    const summary: RunSummary = await runSteps(env, agent, steps)
    const inferenceS = summary.latencyS.p50 as number
    for (const kind of ['unchanged', 'changed'] as const)
      for (const phase of ['sense', 'act', 'learn', 'apply', 'total'] as const) {
        const { p50, p95, p99, n } = summary.overheadS[kind][phase]
        rows.push([
          `${rate}, ${name}, ${kind}`,
          phase,
          time(p50),
          time(p95),
          time(p99),
          `${n}`,
          p50 === null ? '-' : `${((100 * p50) / inferenceS).toFixed(1)} %`,
        ])
        document.push({ rate, agent: name, kind, phase, p50, p95, p99, n, ofInference: p50 === null ? null : p50 / inferenceS })
      }
  }
  await ground.open.runtime.close()
}
print("the governor's own time per decision", rows, document)
