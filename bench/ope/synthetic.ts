import { makeRng } from '../../src/core/rng.ts'
import { mean } from '../../src/core/statistics.ts'
import { makeConfidenceSequence } from '../../src/ope/confidence-sequence.ts'
import { type Evaluation, makeEvaluator } from '../../src/ope/evaluate.ts'
import { makeRoundColumns, type RoundColumns } from '../../src/ope/rounds.ts'
import { flag, print } from '../support.ts'
import { makeProblem } from './generator.ts'

// Off-policy estimates where the truth is known (bench/ope/generator.ts): error over runs, each a problem of its own, as in Open Bandit Pipeline's example; and how
// often intervals of logs of one problem cover its truth.

const rounds = Number(flag('rounds', '10000'))
const errorRuns = Number(flag('runs', '20'))
const repetitions = Number(flag('repetitions', '1000'))
const draws = Number(flag('draws', '399'))
const seed = Number(flag('seed', '1'))
const spec = {
  actions: Number(flag('actions', '30')),
  contextSize: Number(flag('dim', '5')),
  behaviourBeta: Number(flag('beta', '-3')),
  targetBeta: Number(flag('target-beta', '3')),
  rounds,
  truthContexts: Number(flag('truth-contexts', '500000')),
}
const support = { neverTried: 0, impossible: 0, concentration: 1 }

function evaluate(columns: RoundColumns, hasModel = true): Evaluation {
  const evaluator = makeEvaluator({ hasPropensities: true, hasModel, actions: spec.actions, draws })
  evaluator.add(columns)
  return evaluator.finish(support)
}

const root = makeRng(seed)
const errors = new Map<string, number[]>()
for (let run = 0; run < errorRuns; run++) {
  const source = root.fork(`error ${run}`)
  // The truth over this log's own contexts is enough here, as in Open Bandit Pipeline.
  const { columns, truthOnContexts } = makeProblem({ ...spec, truthContexts: 1 }, source).log(source.fork('log'), rounds)
  for (const { estimator, value } of evaluate(columns).estimates)
    errors.set(estimator, [...(errors.get(estimator) ?? []), Math.abs(value - truthOnContexts) / truthOnContexts])
}

const problem = makeProblem(spec, root.fork('coverage'))
const covered = new Map<string, number>()
const widths = new Map<string, number>()
const sequences = { ips: 0, dr: 0 }
const one = makeRoundColumns(1)
one.length = 1
for (let repetition = 0; repetition < repetitions; repetition++) {
  const { columns } = problem.log(root.fork(`coverage ${repetition}`), rounds)
  for (const { estimator, lo, hi } of evaluate(columns).estimates) {
    covered.set(estimator, (covered.get(estimator) ?? 0) + (lo <= problem.truth && hi >= problem.truth ? 1 : 0))
    widths.set(estimator, (widths.get(estimator) ?? 0) + (hi - lo) / repetitions)
  }
  for (const estimator of ['ips', 'dr'] as const) sequences[estimator] += coversThroughout(columns, estimator) ? 1 : 0
  if ((repetition + 1) % 50 === 0) process.stderr.write(`coverage ${repetition + 1}/${repetitions}\n`)
}

/** Looked at after every round. */
function coversThroughout(columns: RoundColumns, estimator: 'ips' | 'dr'): boolean {
  const weightBound = Number(flag('weight-bound', '100'))
  const sequence = makeConfidenceSequence({ estimator, rewardRange: [0, 1], weightBound })
  for (let i = 0; i < rounds; i++) {
    one.reward[0] = columns.reward[i] as number
    one.weight[0] = columns.weight[i] as number
    one.modelLogged[0] = columns.modelLogged[i] as number
    one.modelTarget[0] = columns.modelTarget[i] as number
    sequence.add(one)
    const { lo, hi } = sequence.interval()
    if (!(lo <= problem.truth && hi >= problem.truth)) return false
  }
  return true
}

const asked: Readonly<Record<string, { error?: string; coverage?: string }>> = {
  ips: { coverage: '93 to 97' },
  snips: { error: '1.00', coverage: '93 to 97' },
  dr: { error: '1.00', coverage: '93 to 97' },
  sndr: { error: '1.00', coverage: '93 to 97' },
}
const ratio = (count: number): number => count / repetitions
const results = Array.from(errors, ([estimator, samples]) => ({
  estimator,
  meanRelativeError: mean(samples),
  coverage: ratio(covered.get(estimator) ?? 0),
  meanWidth: widths.get(estimator) ?? null,
}))
print(
  `${rounds} rounds, ${spec.actions} actions; error over ${errorRuns} runs, coverage of 95 % intervals over ${repetitions}`,
  [
    ['', 'error %', 'asked', 'coverage %', 'asked', 'width'],
    ...results.map(({ estimator, meanRelativeError, coverage, meanWidth }) => [
      estimator,
      (100 * meanRelativeError).toFixed(2),
      asked[estimator]?.error ?? '',
      (100 * coverage).toFixed(1),
      asked[estimator]?.coverage ?? '',
      (meanWidth ?? Number.NaN).toFixed(4),
    ]),
    ...(['ips', 'dr'] as const).map((name) => [`sequence, ${name}`, '', '', (100 * ratio(sequences[name])).toFixed(1), '>= 95', '']),
  ],
  { spec, seed, draws, errorRuns, repetitions, truth: problem.truth, results, sequences: { ips: ratio(sequences.ips), dr: ratio(sequences.dr) } },
)
