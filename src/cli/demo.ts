import { Command } from 'commander'
import { describePoint } from '../core/spaces.ts'
import { formatQuantity } from '../core/units.ts'
import { percent } from '../report/summary.ts'
import { writeTimeline } from '../report/timeline.ts'
import { type DemoResult, demo } from '../run/demo.ts'
import { runFolder } from '../run/folder.ts'
import { defaultNetwork } from '../run/shipped.ts'
import { listenForStop } from '../run/stop.ts'
import type { RunSummary } from '../run/tally.ts'
import { parseCount } from './options.ts'
import { bold, formatTable, makeProgress, printJson, printLines } from './print.ts'

// Nobody's but the demo's, so that a second `npm start` needs no flag.
const ownFolder = 'runs/demo'

export function demoCommand(): Command {
  return new Command('demo')
    .description('a first governed run of about a minute: learn beside a co-runner, then compare with the best fixed point')
    .option('--out <DIR>', 'folder for the run; the default one is replaced each time', ownFolder)
    .option('--force', 'start over in another folder that already holds a run')
    .option('--seed <N>', 'seed of the agent, the stream and the co-runner', '1')
    .option('--network <DIR>', 'dynamic network to govern', defaultNetwork)
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', '\nExample:\n  flyball demo --out runs/demo')
    .action(async (flags: { out: string; seed: string; network: string; force?: boolean; json?: boolean }) => {
      const progress = makeProgress(false)
      const stop = listenForStop()
      try {
        const result = await demo(
          {
            out: flags.out,
            seed: parseCount(flags.seed, '--seed', 0),
            network: flags.network,
            existing: flags.force === true || flags.out === ownFolder ? 'force' : 'refuse',
          },
          { note: progress.note, progress: progress.update, stopped: stop.requested },
        )
        progress.end()
        const { timeline } = runFolder(flags.out)
        await writeTimeline(result.trace, timeline)
        if (flags.json === true) printJson({ ...result, timeline })
        else printLines(demoLines(result, flags.out))
      } finally {
        progress.end()
        stop.release()
      }
    })
}

const row = (name: string, { cost, latencyS, missRatio, accuracy, energyJ }: RunSummary): string[] => [
  name,
  cost.toFixed(3),
  formatQuantity(latencyS.p50, 'time'),
  formatQuantity(latencyS.p95, 'time'),
  percent(missRatio),
  percent(accuracy),
  formatQuantity(energyJ, 'energy'),
]

function demoLines(result: DemoResult, out: string): string[] {
  const { difference, fixed, learned } = result
  const verdict =
    difference.hi < 0
      ? 'the learned policy was cheaper'
      : difference.lo > 0
        ? 'the fixed point was cheaper'
        : 'not distinguishable in so short a comparison'
  const { p50, p99 } = result.overheadS.unchanged.total
  return [
    '',
    bold(`${result.steps} requests governed while a co-runner came and went ${result.cycles} times (${result.coRunner})`),
    `deadline  ${formatQuantity(result.requirements.deadlineS, 'time')}`,
    '',
    ...formatTable([
      ['afterwards, in turns', 'cost', 'p50', 'p95', 'misses', 'accuracy', 'energy'],
      row('learned policy', learned.summary),
      row('best fixed point', fixed.summary),
    ]),
    '',
    `best fixed point: ${describePoint(fixed.point)}`,
    `cost, learned less fixed: ${difference.mean.toFixed(3)} [${difference.lo.toFixed(3)}, ${difference.hi.toFixed(3)}] over ${difference.n} pairs of blocks: ${verdict}`,
    `latency and misses are measured; energy is ${result.energyQuality}; accuracy is the sub-networks' on their test set`,
    `the governor's own time: p50 ${formatQuantity(p50, 'time')}, p99 ${formatQuantity(p99, 'time')} a decision`,
    '',
    `checkpoint  ${result.checkpoint}`,
    `trace       ${result.trace}`,
    `picture     ${runFolder(out).timeline}`,
    '',
    'next:',
    `  npx flyball deploy ${out} --steps 500`,
    '      put it in charge; --advise decides and touches nothing',
    `  npx flyball replay ${out}/trace.jsonl`,
    '      was every decision reproduced, to the last bit?',
    '  npx flyball doctor',
    '      what this board offers, and what is missing',
    '  npx flyball train --help',
    '      your own deadline, weights, co-runners',
  ]
}
