import type { TopLevelSpec } from 'vega-lite'
import type { JudgedValue, ReplayResult } from '../run/replay.ts'
import { objectiveText, requirementsText } from './compare-format.ts'
import { background, blue, draw, grey, orange } from './draw.ts'
import { htmlPage, quoted, textTable } from './page.ts'
import { costInterval, countText, doubtNote, judgedCost, round4, termText } from './replay-format.ts'

const config = { aria: false, view: { stroke: null }, axis: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal' } } as const

/** One HTML page that stands alone: what other policies would have cost on a log, how far that can be believed, and why. */
export async function replayReportHtml(result: ReplayResult): Promise<string> {
  const { policies, traces, objective, requirements, advice } = result
  const decisions = traces.reduce((sum, { execution }) => sum + execution.decisions, 0)
  const sections: string[] = []
  for (const policy of policies) sections.push(await sectionOf(policy))
  const body = `<header>
<h1>What other policies would have cost</h1>
<p class="note">flyball replay of ${quoted(traces.map(({ trace, agent }) => `${trace} (${agent})`).join(', '))}; ${decisions} decisions</p>
</header>
<main>
<p>Objective: ${quoted(objectiveText(objective))}. Asked: ${quoted(requirementsText(requirements))}. In this table each policy is valued on the states that the log met: where its choices would have led elsewhere (heat, queues), that is not in these figures.</p>
${summaryTable(policies)}
${policies.every(({ answersNextRequest }) => answersNextRequest) ? '' : `<p class="note">${doubtNote}</p>`}
${horizonTable(policies)}
<ul>${policies.map(({ policy, origin, question, verdict }) => `<li><strong>${quoted(policy)}</strong> (${quoted(origin)}), ${quoted(question)}: ${quoted(verdict)}</li>`).join('')}</ul>
${advice === null ? '' : `<p>${quoted(advice)}</p>`}
<h2>Cost over the log</h2>
<div class="charts">${await draw(overTime(result))}</div>
${sections.join('\n')}
</main>`
  return htmlPage({ title: `flyball replay: ${traces.map(({ trace }) => trace).join(', ')}`, body })
}

const termNames = ['latencyS', 'energyJ', 'accuracy', 'missRatio'] as const

function summaryTable(policies: readonly JudgedValue[]): string {
  const [first] = policies as [JudgedValue, ...JudgedValue[]]
  return textTable(
    ['policy', 'cost a decision, 95 %', 'estimator', 'effective rounds', 'largest weight', 'latency', 'energy', 'accuracy', 'misses'],
    [
      ['(logged)', costInterval(first.logged), '', '', '', ...termNames.map((name) => termText(name, first.terms[name].logged))],
      ...policies.map((policy) => [
        policy.policy,
        judgedCost(policy.estimates.find(({ estimator }) => estimator === policy.verdictFrom) ?? policy.logged, policy.answersNextRequest),
        policy.verdictFrom,
        countText(policy.diagnostics.effectiveSampleSize),
        countText(policy.diagnostics.largestWeight, 1),
        ...termNames.map((name) => termText(name, policy.terms[name].policy.value)),
      ]),
    ],
  )
}

/** Over several decisions, where that was asked. */
function horizonTable(policies: readonly JudgedValue[]): string {
  const over = policies.flatMap(({ policy, overHorizon }) => (overHorizon === null ? [] : [{ policy, ...overHorizon }]))
  const [first] = over
  if (first === undefined) return ''
  return `<h2>Over ${first.horizon} decisions from the logged states</h2>
${textTable(
  ['policy', ...first.estimates.map(({ estimator }) => `${estimator}, 95 %`), 'effective stretches', 'largest weight'],
  [
    ['(logged)', costInterval(first.logged), ...first.estimates.slice(1).map(() => ''), '', ''],
    ...over.map(({ policy, estimates, effectiveSampleSize, largestWeight, trajectories }) => [
      policy,
      ...estimates.map(costInterval),
      `${countText(effectiveSampleSize.at(-1) as number)} of ${trajectories}`,
      countText(largestWeight.at(-1) as number, 1),
    ]),
  ],
)}`
}

async function sectionOf(policy: JudgedValue): Promise<string> {
  const { rejection, confidenceSequence } = policy
  const notes = [
    ...(rejection === null ? [] : [`rejection replay accepted ${rejection.accepted} of ${policy.rounds} decisions`]),
    ...confidenceSequence.map(({ estimator, lo, hi }) => `for the next request, valid at any time, ${estimator}: ${round4(-hi)} to ${round4(-lo)}`),
    ...policy.warnings,
  ]
    .map((warning) => `<li>${quoted(warning)}</li>`)
    .join('')
  return `<section>
<h2>${quoted(policy.policy)}</h2>
<div class="charts">${await draw(estimatesChart(policy))}${policy.weightHistogram.length === 0 ? '' : await draw(weightsChart(policy))}</div>
<p class="note">Every estimator with its 95 % interval; the line is what was logged. The verdict is made from ${quoted(policy.verdictFrom)}. On the right, how many rounds have how large a weight: few with a large one mean that the figures hang on those.</p>
${notes === '' ? '' : `<ul>${notes}</ul>`}
</section>`
}

function estimatesChart({ estimates, logged, verdictFrom }: JudgedValue): TopLevelSpec {
  const values = estimates
    .filter(({ value }) => Number.isFinite(value))
    .map(({ estimator, value, lo, hi }) => ({ estimator, cost: -value, lo: -hi, hi: -lo, used: estimator === verdictFrom ? 'yes' : 'no' }))
  const y = { field: 'estimator', type: 'nominal', title: null, sort: null, axis: { ticks: false, domain: false } } as const
  const x = { type: 'quantitative', title: 'cost a decision', scale: { zero: false } } as const
  const color = { field: 'used', type: 'nominal', legend: null, scale: { domain: ['yes', 'no'], range: [orange, blue] } } as const
  return {
    background,
    config,
    width: 420,
    height: { step: 20 },
    layer: [
      { data: { values: [{ cost: -logged.value }] }, mark: { type: 'rule', color: grey }, encoding: { x: { ...x, field: 'cost' } } },
      { data: { values }, mark: { type: 'rule' }, encoding: { y, x: { ...x, field: 'lo' }, x2: { field: 'hi' }, color } },
      { data: { values }, mark: { type: 'point', filled: true, size: 50 }, encoding: { y, x: { ...x, field: 'cost' }, color } },
    ],
  }
}

function weightsChart({ weightHistogram }: JudgedValue): TopLevelSpec {
  const values = weightHistogram.map(({ low, rounds }) => ({ weight: low === 0 ? 'less' : `${low}`, rounds }))
  return {
    background,
    config,
    width: 300,
    height: 160,
    data: { values },
    mark: { type: 'bar', color: blue },
    encoding: {
      x: { field: 'weight', type: 'nominal', sort: null, title: 'weight, at least', axis: { labelAngle: 0 } },
      y: { field: 'rounds', type: 'quantitative', title: 'rounds', scale: { type: 'symlog' } },
    },
  }
}

function overTime({ rewardOverTime }: ReplayResult): TopLevelSpec {
  return {
    background,
    config,
    width: 760,
    height: 160,
    data: { values: rewardOverTime.map(({ from, decisions, reward }) => ({ decision: from + decisions / 2, cost: -reward })) },
    mark: { type: 'line', color: blue, strokeWidth: 1.5 },
    encoding: {
      x: { field: 'decision', type: 'quantitative', title: 'decision of the log' },
      y: { field: 'cost', type: 'quantitative', title: 'logged cost a decision', scale: { zero: false } },
    },
  }
}
