import { findAgent } from '../agents/index.ts'
import { systemClock } from '../src/core/clock.ts'
import { openKept } from '../src/linux/kept-file.ts'
import { tuneEngine } from '../src/run/tune-engine.ts'
import { anyObjective, flag, openGround, print, quantile, runSteps, time } from './support.ts'

// The governor's own time per decision, phase by phase, with real inference between decisions. Baseline: the inference it governs.
// Back to back its code and the kernel's are warm; at 30 requests a second every decision starts after 33 ms of idling, with cold caches. What that alone costs here is the floor beside it: a loop that
// wakes as often and does nothing but read one kernel file. `total` is what a request waits for; `ahead` is done before it is due. As in deploy, the engine is tuned (--engine default: it is not).
// --rates back-to-back,30 --agents q-learning,linucb --steps 1500 --warm-up 300 (decisions that do not count) --json

const steps = Number(flag('steps', '1500'))
const warmUp = Number(flag('warm-up', '300'))
const rates = flag('rates', 'back-to-back,30').split(',')
const agents = flag('agents', 'q-learning,linucb').split(',')
if (flag('engine', 'tuned') === 'tuned') tuneEngine()

const rows: string[][] = [['rate, agent', 'phase', 'p50', 'p95', 'p99', 'n', 'p50 / inference']]
const document: unknown[] = []

/** Wakes at this rate and reads one kernel file, and asks the time before and after. */
async function floor(rate: string): Promise<void> {
  const file = openKept('/proc/loadavg')
  if (file === undefined) return
  const gapS = 1 / Number(rate)
  const readS: number[] = []
  let dueS = systemClock.now()
  for (let k = -warmUp; k < steps / 2; k++) {
    dueS += gapS
    await systemClock.sleepUntil(dueS)
    const wokeS = systemClock.now()
    file.read()
    if (k >= 0) readS.push(systemClock.now() - wokeS)
  }
  file.close()
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((p) => quantile(readS, p)) as [number, number, number]
  rows.push([rate, 'floor: one file', time(p50), time(p95), time(p99), `${readS.length}`, '-'])
  document.push({ rate, phase: 'floor', p50, p95, p99, n: readS.length })
}

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
    const { latencyS, overheadS } = await runSteps(env, agent, steps, warmUp)
    const inferenceS = latencyS.p50 as number
    for (const kind of ['unchanged', 'changed'] as const)
      for (const phase of ['ahead', 'sense', 'act', 'learn', 'apply', 'total'] as const) {
        const { p50, p95, p99, n } = overheadS[kind][phase]
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
  if (Number(rate) > 0) await floor(rate)
}
print("the governor's own time per decision", rows, document)
