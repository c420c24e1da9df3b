import type { Evaluation } from '../network/evaluation.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { draw } from './draw.ts'
import { confusionChart, costChart, reliabilityChart } from './network-charts.ts'
import { anytimeHeader, anytimeRows, anytimeVerdict, equalHeader, equalRows, noAnytime, sizeHeader, sizeNotes, sizeRow } from './network-rows.ts'
import { htmlPage, quoted, textTable } from './page.ts'

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
  const body = `<h1>${quoted(network)}</h1>
<p class="note">${quoted(signature)}; data set ${quoted(dataset)}; ${quoted([date, ...made].join(', '))}</p>
<h2>Sizes</h2>
${textTable(sizeHeader, sizes.map(sizeRow))}
<p class="note">${quoted(sizeNotes(report).join(' '))}</p>
<h2>Accuracy against mean cost</h2>
${anytime.length === 0 ? `<p>${noAnytime}</p>` : anytimePart(report, cost)}
<h2>Reliability</h2>
<p>Of the answers with a given confidence, how many are right? On the dashed line the two agree; ECE is the mean distance from it. Pale bars stand for few images.</p>
<div class="charts">${reliability.join('\n')}</div>
<h2>Confusion</h2>
<p>How the images of each label were answered, in % of the label (from 0.5 % on). Blue is right, orange wrong.</p>
<div class="charts">${confusion.join('\n')}</div>`
  return htmlPage({ title: signature, body })
}

function anytimePart(report: NetworkReport, chart: string): string {
  return `<p><strong>${quoted(sentence(anytimeVerdict(report)))}.</strong> Anytime gives the first answer whose confidence reaches the threshold. The thresholds are a fixed grid, not chosen by these images.</p>
<div class="charts">${chart}</div>
${textTable(equalHeader, equalRows(report))}
<p class="note">Differences in percentage points, paired over the images; between two thresholds the policy is interpolated.</p>
${textTable(anytimeHeader(report.sizes), anytimeRows(report))}
<p class="note">Mean confidence is what a governor expects of the answers; top-1 is what came.</p>`
}

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}`
