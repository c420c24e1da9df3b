import type { TopLevelSpec } from 'vega-lite'
import type { CompareResult } from '../run/compare/result.ts'
import { gapChart } from './compare-charts.ts'
import { asksDeadline, energyChart } from './compare-energy.ts'
import { briefLabelsText, inOrder, intervalText, labelsOf, objectiveText, percentText, seedsText } from './compare-format.ts'
import { costChart, windowsChart } from './compare-panels.ts'
import { askedTexts, infeasibleTexts, noteTexts } from './compare-rows.ts'
import { compareStyle } from './compare-style.ts'
import { matrixTable, rankedTable, settingsList } from './compare-tables.ts'
import { draw } from './draw.ts'
import { htmlPage, quoted } from './page.ts'

/** One HTML page that stands alone: what a comparison found, over all environments and in each. The same results give the same bytes. */
export async function compareReportHtml(results: readonly CompareResult[]): Promise<string> {
  const sections: string[] = []
  for (const [i, result] of results.entries()) sections.push(await sectionOf(result, i))
  const agents = new Set(results.flatMap((result) => result.agents.map(({ agent }) => agent))).size
  const envs = results.length === 1 ? '1 environment' : `${results.length} environments`
  const body = `<header>
<h1>Comparison of ${agents} agents</h1>
<p class="note">flyball compare; ${envs}</p>
</header>
<main>
<h2>Gap to the oracle</h2>
<p>How much more an agent's run costs than the oracle's own under the same random numbers, ${intervalWords(results)}. 0 % is the oracle: at every step the least expected cost, given the hidden
state. It looks no further than the step, so that where heat builds up a gap can be below 0. Agents <em>from nothing</em> had measured nothing before, <em>profiled</em> ones had one noisy sample of every point,
<em>trained</em> ones a checkpoint, <em>references</em> know what no agent can know: each class has a ranking of its own.</p>
${matrixTable(results)}
<p class="note">Darker is further from the oracle. Bold: the best of its class, and those that cannot be told from it. No interval: it is narrower than the last digit.</p>
<h2>What was compared</h2>
${settingsList(results)}
${sections.join('\n')}
</main>`
  return htmlPage({ title: `flyball compare: ${results.map(({ env }) => env).join(', ')}`, style: compareStyle, body })
}

function intervalWords(results: readonly CompareResult[]): string {
  const single = results.every(({ seeds }) => seeds === 1)
  return single ? 'in one seed, and therefore without intervals' : 'mean over seeds and its 95 % interval'
}

async function sectionOf(result: CompareResult, i: number): Promise<string> {
  const { env, steps, points } = result
  const infeasible = infeasibleTexts(result).map((text) => `<p class="warning">${quoted(text)}.</p>`)
  const notes = noteTexts(result)
  return `<section id="env-${i + 1}" aria-labelledby="env-${i + 1}-title">
<h2 id="env-${i + 1}-title">${quoted(env)}</h2>
<p>Asked: ${quoted(askedTexts(result).join('; '))}. ${points} operating points, ${steps} steps, ${result.seeds === 1 ? 'seed' : 'seeds'} ${seedsText(result)}; objective ${quoted(objectiveText(result.objective))}.<br>Figures: ${quoted(labelsOf(result).join('; '))}.</p>
${infeasible.join('\n')}
${rankedTable(result)}
<div class="figures">
${(await figuresOf(result)).join('\n')}
</div>
${notes.length === 0 ? '' : `<h3>Notes</h3>\n<ul>${notes.map((note) => `<li>${quoted(note)}</li>`).join('')}</ul>`}
</section>`
}

async function figuresOf(result: CompareResult): Promise<string[]> {
  const gaps = inOrder(result).map(({ agent, gap }) => {
    const interval = intervalText(gap, percentText)
    return `${agent} ${percentText(gap.mean)}${interval === undefined ? '' : ` (${interval})`}`
  })
  const whiskers = result.seeds === 1 ? '' : ', with 95 % intervals'
  return [
    await figure(result, gapChart(result), `Gap to the oracle${whiskers}`, `: ${gaps.join(', ')}`),
    await figure(
      result,
      energyChart(result),
      `Energy against ${asksDeadline(result) ? 'missed deadlines' : 'median latency'}: the best are down and left`,
      '',
    ),
    await figure(
      result,
      windowsChart(result),
      `Gap by window of steps: does it learn, and how fast?${whiskers === '' ? '' : ' Pale: 95 % interval'}`,
      ', one panel an agent',
    ),
    await figure(result, costChart(result), 'Cost over the steps, beside the oracle (dashed)', ', one panel an agent'),
  ]
}

/** `more`: what the picture's description says beyond its caption. */
async function figure(result: CompareResult, spec: TopLevelSpec | null, caption: string, more: string): Promise<string> {
  const head = `<figcaption>${quoted(caption)}<small>${quoted(briefLabelsText(result))}</small></figcaption>`
  if (spec === null) return `<figure>${head}<p class="note">Nothing to draw: unknown here.</p></figure>`
  const svg = await draw(spec)
  return `<figure>${head}${svg.replace('<svg ', `<svg role="img" aria-label="${quoted(`${caption} on ${result.env}${more}`)}" `)}</figure>`
}
