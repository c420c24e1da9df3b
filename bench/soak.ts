import { writeFileSync } from 'node:fs'
import { formatQuantity, parsePositive } from '../src/core/units.ts'
import { listenForStop } from '../src/run/stop.ts'
import { soakBoard, trainRun } from './soak/board.ts'
import { judgeSoak, type Sample, type SoakFigures } from './soak/judge.ts'
import { soakSimulated } from './soak/simulated.ts'
import { flag, print } from './support.ts'

// Does it stay as it is? Resident memory (asked: within 5 %, last tenth against first tenth after a warm-up) and open descriptors (asked: none lost) over a long run.
//   --hours 1          `flyball deploy` on this machine beside co-runners that move, looked at from outside; trains a run of its own, or takes --run DIR
//                      --rate 30 --clusters 0,1 --interfere SPEC --agent bayes --steps 400 (training); --learn goes on learning, --max-size SIZE and --no-trace as of deploy
//   --simulated 24h    a learning agent on a simulated board, as fast as it goes: --env sim:odroid-xu4@corunner-mix --agent bayes --max-size 64MiB
//   --sample 10s       time between two looks (default: a 360th of the whole); --warm-up TIME (default: a tenth of the whole); --out FILE keeps every sample; --json
// Exit status 1 where something asked for is missed. Ctrl-C ends it early, with the figures so far.

const simulated = flag('simulated', '')
const durationS = simulated === '' ? 3600 * Number(flag('hours', '1')) : parsePositive(simulated, 'time', '--simulated')
const sampleS = timeFlag('sample', durationS / 360)
const warmUpS = timeFlag('warm-up', durationS / 10)
const stop = listenForStop()

function timeFlag(name: string, fallbackS: number): number {
  const text = flag(name, '')
  return text === '' ? fallbackS : parsePositive(text, 'time', `--${name}`)
}

/** Those of deploy's own options that were given. */
function deployWords(): string[] {
  const bare = ['learn', 'no-trace'].filter((name) => process.argv.includes(`--${name}`)).map((name) => `--${name}`)
  const maxSize = flag('max-size', '')
  const interfere = flag('interfere', 'cpu:1@0.8,on=20s,off=10s,move')
  return ['--rate', flag('rate', '30'), '--interfere', interfere, ...bare, ...(maxSize === '' ? [] : ['--max-size', maxSize])]
}

async function onBoard(): Promise<{ samples: readonly Sample[]; about: Record<string, unknown>; lines: string[][]; left: number }> {
  const given = flag('run', '')
  const training = [
    '--agent',
    flag('agent', 'bayes'),
    '--steps',
    flag('steps', '400'),
    '--rate',
    flag('rate', '30'),
    '--clusters',
    flag('clusters', '0,1'),
  ]
  const { run, remove } = given === '' ? trainRun([...training, '--deadline', flag('deadline', '1.5x')]) : { run: given, remove() {} }
  try {
    const { samples, result, traceB, writtenB, newDescriptors, leftProcesses } = await soakBoard(
      { run, durationS, sampleS, words: deployWords() },
      warmUpS,
      stop,
    )
    const hours = (samples.at(-1)?.timeS ?? Number.NaN) / 3600
    const { steps, agent, latencyS, missRatio, dropped } = result
    return {
      samples,
      left: leftProcesses.length,
      about: {
        agent,
        decisions: steps,
        latencyS,
        missRatio,
        dropped,
        traceB,
        writtenB,
        writtenBPerH: writtenB / hours,
        newDescriptors,
        leftProcesses,
      },
      lines: [
        ['decisions', `${steps}`, `${dropped} dropped`],
        ['trace', size(traceB), `${size(traceB / hours)} an hour`],
        ['written, all told', size(writtenB), `${size(writtenB / hours)} an hour`],
        ['processes left behind', `${leftProcesses.length}`, ''],
      ],
    }
  } finally {
    remove()
  }
}

async function inSimulation(): ReturnType<typeof onBoard> {
  const soak = { env: flag('env', 'sim:odroid-xu4@corunner-mix'), agent: flag('agent', 'bayes'), durationS, sampleS }
  const { samples, result, timeS, traceB } = await soakSimulated(
    { ...soak, maxSizeB: parsePositive(flag('max-size', '64MiB'), 'size', '--max-size') },
    stop,
  )
  return {
    samples,
    left: 0,
    about: { env: soak.env, agent: soak.agent, simulatedS: timeS, decisions: result.steps, traceB },
    lines: [
      ['decisions', `${result.steps}`, `${(timeS / 3600).toFixed(2)} simulated hours`],
      ['trace, bounded', size(traceB), ''],
    ],
  }
}

const size = (bytes: number): string => formatQuantity(bytes, 'size')

function figureLines(figures: SoakFigures): string[][] {
  const growth = `${(100 * figures.growthRatio).toFixed(2)} %`
  return [
    ['resident, first tenth', size(figures.firstTenthB), ''],
    ['resident, last tenth', size(figures.lastTenthB), `${growth} (asked: within 5 %) ${figures.flat ? 'met' : 'missed'}`],
    ['slope', `${figures.slopeBPerH < 0 ? '-' : ''}${size(Math.abs(figures.slopeBPerH))} an hour`, ''],
    ['resident, most', size(figures.mostResidentB), ''],
    [
      'descriptors',
      `${figures.firstDescriptors} to ${figures.lastDescriptors}`,
      `at most ${figures.mostDescriptors} (asked: no more) ${figures.keepsDescriptors ? 'met' : 'missed'}`,
    ],
  ]
}

try {
  const { samples, about, lines, left } = simulated === '' ? await onBoard() : await inSimulation()
  const figures = judgeSoak(samples, warmUpS)
  const whole = { kind: simulated === '' ? 'board' : 'simulated', durationS: samples.at(-1)?.timeS ?? 0, warmUpS, ...about, figures: figures ?? null }
  const out = flag('out', '')
  if (out !== '') writeFileSync(out, `${JSON.stringify({ ...whole, samples }, null, 2)}\n`)
  const judged = figures === undefined ? [['too few samples after the warm-up for figures', `${samples.length}`, '']] : figureLines(figures)
  print(`soak of ${(whole.durationS / 3600).toFixed(2)} ${simulated === '' ? '' : 'simulated '}hours`, [...lines, ...judged], whole)
  if (figures === undefined || !figures.flat || !figures.keepsDescriptors || left > 0) process.exitCode = 1
} finally {
  stop.release()
}
