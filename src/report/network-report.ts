import type { TopLevelSpec } from 'vega-lite'
import type { Evaluation } from '../network/evaluation.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { confusionChart, costChart, reliabilityChart } from './network-charts.ts'
import { anytimeHeader, anytimeRows, anytimeVerdict, equalHeader, equalRows, noAnytime, sizeHeader, sizeNotes, sizeRow } from './network-rows.ts'

export interface NetworkReport extends Evaluation {
  /** As it was named. */
  readonly network: string
  /** ISO 8601. */
  readonly date: string
  readonly versions: Readonly<Record<string, string>>
}

/** Writes one HTML page that stands alone: tables and charts of a network's sizes. Throws ERR_OUT_NOT_WRITABLE. */
export async function writeNetworkReport(report: NetworkReport, path: string): Promise<void> {
  writeFileAtomic(path, await renderNetworkReport(report))
}

export async function renderNetworkReport(report: NetworkReport): Promise<string> {
  const { network, signature, dataset, sizes, labels, anytime, date, versions } = report
  const cost = anytime.length === 0 ? '' : await draw(costChart(report))
  const reliability = await Promise.all(sizes.map((size) => draw(reliabilityChart(size))))
  const confusion = await Promise.all(sizes.map((size) => draw(confusionChart(size, labels))))
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${quoted(signature)}</title>
<style>${style}</style>
</head>
<body>
<h1>${quoted(network)}</h1>
<p class="note">${quoted(signature)}; data set ${quoted(dataset)}; ${quoted([date, ...made].join(', '))}</p>
<h2>Sizes</h2>
${table(sizeHeader, sizes.map(sizeRow))}
<p class="note">${quoted(sizeNotes(report).join(' '))}</p>
<h2>Accuracy against mean cost</h2>
${anytime.length === 0 ? `<p>${noAnytime}</p>` : anytimePart(report, cost)}
<h2>Reliability</h2>
<p>Of the answers with a given confidence, how many are right? On the dashed line the two agree; ECE is the mean distance from it. Pale bars stand for few images.</p>
<div class="charts">${reliability.join('\n')}</div>
<h2>Confusion</h2>
<p>How the images of each label were answered, in % of the label (from 0.5 % on). Blue is right, orange wrong.</p>
<div class="charts">${confusion.join('\n')}</div>
</body>
</html>
`
}

function anytimePart(report: NetworkReport, chart: string): string {
  return `<p><strong>${quoted(sentence(anytimeVerdict(report)))}.</strong> Anytime gives the first answer whose confidence reaches the threshold. The thresholds are a fixed grid, not chosen by these images.</p>
<div class="charts">${chart}</div>
${table(equalHeader, equalRows(report))}
<p class="note">Differences in percentage points, paired over the images; between two thresholds the policy is interpolated.</p>
${table(anytimeHeader(report.sizes), anytimeRows(report))}
<p class="note">Mean confidence is what a governor expects of the answers; top-1 is what came.</p>`
}

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}`

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string => `<tr>${cells.map((cell) => `<${tag}>${quoted(cell)}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table><thead>${line(header, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table></div>`
}

const quoted = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

async function draw(spec: TopLevelSpec): Promise<string> {
  // Loaded here, because nothing else needs it and it takes a third of a second.
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')])
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}

// The charts' text and lines are drawn in fixed colours; these rules, which outrank the drawing's attributes, make them follow the page's.
const style = `
:root { color-scheme: light dark; --ink: #1c1c1c; --faint: #6b6b6b; --line: #d8d8d8; --page: #ffffff }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --faint: #a5a5a5; --line: #3d3d3d; --page: #17191c } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1000px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2rem }
.note { color: var(--faint); font-size: 13px }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums }
th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th { font-weight: 600; vertical-align: bottom; white-space: normal } th:first-child, td:first-child { text-align: left; padding-left: 0 }
table + .charts, .charts + .wide { margin-top: 1rem }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem } .charts svg { max-width: 100%; height: auto }
svg text { fill: var(--ink) } svg .role-axis-label text { fill: var(--faint) }
svg .role-axis-grid line, svg .role-axis-domain line, svg .role-axis-tick line { stroke: var(--line) }
svg path[stroke='#ddd'] { stroke: var(--line) }
`
