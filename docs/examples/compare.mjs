// Compares agents, then steps through the same world by hand: node docs/examples/compare.mjs
import { compare, findGrounds, lineUp, openGround } from 'flyball'

const grounds = findGrounds(['sim:odroid-xu4@corunner-bursts'])
const agents = lineUp(['q-learning', 'q-learning+profile', 'performance', 'static'])
const [result] = await compare({ grounds, agents, steps: 200, seeds: 3, workers: 2 })
for (const { agent, class: kind, gap } of result.agents) console.log(`${agent} (${kind}): ${(100 * gap.mean).toFixed(0)} % above the oracle`)

// A rule of your own: always the first point that is allowed.
const { spaces, open } = openGround(grounds[0])
const env = open([{ percentile: 99, deadlineS: 0.24 }])
let { mask } = env.reset({ seed: 1 })
let missed = 0
for (let k = 0; k < 200; k++) {
  const step = env.step(mask.indexOf(1))
  if (!step.outcome.deadlineMet) missed++
  mask = step.mask
}
console.log(`${spaces.points.length} points; the first one misses ${missed} of 200 deadlines`)
