// npm run test:kill -- --points 200 --seed 1: ends real runs at so many random points, resumes as many others, and prints what came of it.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { points: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } } })
for (const [name, value] of Object.entries(values))
  if (!/^\d+$/.test(value)) {
    console.error(`--${name}: '${value}' is not a whole number`)
    process.exit(2)
  }
const env = { ...process.env, KILL_POINTS: values.points, KILL_SEED: values.seed }
process.exitCode = spawnSync('npx', ['vitest', 'run', 'test/kill'], { env, stdio: 'inherit' }).status ?? 1
