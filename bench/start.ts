import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { flag, print, quantile, time } from './support.ts'

// From the start of `flyball deploy` to the first governed answer. Baseline: the start of a Node process that does nothing, in turns.

const runs = Number(flag('runs', '10'))
const folder = flag('run', 'runs/demo')
const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url))
if (!existsSync(join(folder, 'run.json'))) throw new Error(`${folder} holds no run: make one with npm start, or name another with --run DIR`)

const bareS: number[] = []
const answerS: number[] = []
for (let i = 0; i < runs; i++) {
  const startS = performance.now() / 1000
  spawnSync(process.execPath, ['-e', ''])
  bareS.push(performance.now() / 1000 - startS)
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, 'deploy', folder, '--steps', '1', '--json'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  answerS.push((JSON.parse(stdout) as { firstAnswerS: number }).firstAnswerS)
}
const [bare, answer] = [quantile(bareS, 0.5), quantile(answerS, 0.5)]
print(
  'start of flyball deploy to the first governed answer',
  [
    ['', 'p50', 'most'],
    ['bare node process, start to end', time(bare), time(Math.max(...bareS))],
    ['first governed answer', time(answer), time(Math.max(...answerS))],
    ['ratio', (answer / bare).toFixed(1), ''],
  ],
  { bareS: bare, firstAnswerS: answer, mostS: Math.max(...answerS), ratio: answer / bare, runs },
)
