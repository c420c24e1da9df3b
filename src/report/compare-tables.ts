import type { CompareResult } from '../run/compare/result.ts'
import { briefLabelsText, labelsOf, objectiveText, percentText, seedsText } from './compare-format.ts'
import { columnGroups, envsText, type MatrixCell, type MatrixRow, matrixGroups } from './compare-matrix.ts'
import { askedTexts, type Cell, type RankedRow, rankedGroups, rankedHeader } from './compare-rows.ts'
import { quoted } from './page.ts'

/** Agents by environments. */
export function matrixTable(results: readonly CompareResult[]): string {
  const groups = columnGroups(results)
  const several = results.length > 1
  const stems = groups.map(
    ({ stem, results: own }) => `<th scope="colgroup" colspan="${own.length}">${breakable(stem)}<small>${quoted(kindsOf(own))}</small></th>`,
  )
  const heads = groups.flatMap(({ stem, results: own }) =>
    own.map((result) => `<th scope="col"><a href="#env-${results.indexOf(result) + 1}">${breakable(result.env.slice(stem.length))}</a></th>`),
  )
  const width = 1 + results.length + (several ? 1 : 0)
  const bodies = matrixGroups(results).map(
    ({ title, rows }) => `<tbody>${classRow(title, width)}${rows.map((row) => matrixRow(row, several)).join('')}</tbody>`,
  )
  const head = `<tr class="stems"><td></td>${stems.join('')}${several ? '<td></td>' : ''}</tr><tr><th scope="col">agent</th>${heads.join('')}${several ? '<th scope="col">median</th>' : ''}</tr>`
  return `<div class="wide" tabindex="0" role="region" aria-label="Gap to the oracle of all agents"><table class="matrix"><thead>${head}</thead>${bodies.join('')}</table></div>`
}

function matrixRow({ agent, cells, medianGap }: MatrixRow, several: boolean): string {
  const cell = (found: MatrixCell | null): string =>
    found === null
      ? '<td>-</td>'
      : `<td style="--heat: ${found.heat.toFixed(2)}"${found.best ? ' class="best"' : ''}>${quoted(found.text)}${interval(found.interval)}</td>`
  return `<tr><th scope="row">${nameOf(agent)}</th>${cells.map(cell).join('')}${several ? `<td class="median">${percentText(medianGap)}</td>` : ''}</tr>`
}

/** One ranking a class. */
export function rankedTable(result: CompareResult): string {
  const heads = rankedHeader.map((head) => `<th scope="col">${head}</th>`)
  const bodies = rankedGroups(result).map(
    ({ title, rows }) => `<tbody>${classRow(title, rankedHeader.length + 1)}${rows.map(rankedRow).join('')}</tbody>`,
  )
  return `<div class="wide" tabindex="0" role="region" aria-label="${quoted(`Ranking on ${result.env}`)}"><table class="ranking"><caption><span>${quoted(briefLabelsText(result))}</span></caption><thead><tr><th scope="col">agent</th>${heads.join('')}</tr></thead>${bodies.join('')}</table></div>`
}

function rankedRow({ rank, agent, best, cells }: RankedRow): string {
  const cell = ({ text, interval: range, words = false }: Cell): string =>
    `<td${words ? ' class="words"' : ''}>${quoted(text)}${interval(range)}</td>`
  return `<tr><th scope="row"${best ? ' class="best"' : ''}><span class="rank">${rank}</span>${nameOf(agent)}</th>${cells.map(cell).join('')}</tr>`
}

/** How the environments were set up: each thing said once, with those that it concerns. */
export function settingsList(results: readonly CompareResult[]): string {
  const items = settings.map(([name, textsOf]) => {
    const concerned = new Map<string, CompareResult[]>()
    for (const result of results) for (const text of textsOf(result)) concerned.set(text, [...(concerned.get(text) ?? []), result])
    const said = new Map<string, string[]>()
    for (const [text, own] of concerned) {
      const envs = own.length === results.length ? '' : envsText(own)
      said.set(envs, [...(said.get(envs) ?? []), text])
    }
    const lines = [...said].map(([envs, texts]) => `<li>${quoted(texts.join('; '))}${small(envs === '' ? undefined : envs)}</li>`)
    return `<dt>${name}</dt><dd><ul>${lines.join('')}</ul></dd>`
  })
  return `<dl class="settings">${items.join('')}</dl>`
}

const settings: readonly (readonly [string, (result: CompareResult) => string[]])[] = [
  ['figures', labelsOf],
  ['asked', (result) => [askedTexts(result).join('; ')]],
  ['objective', ({ objective }) => [objectiveText(objective)]],
  ['operating points', ({ points }) => [String(points)]],
  ['steps', ({ steps }) => [String(steps)]],
  ['seeds', (result) => [seedsText(result)]],
]

const classRow = (title: string, width: number): string => `<tr class="class"><th scope="rowgroup" colspan="${width}">${quoted(title)}</th></tr>`
const small = (text: string | undefined): string => (text === undefined ? '' : `<small>${quoted(text)}</small>`)
/** Breaks at its `to` alone. */
const interval = (text: string | undefined): string => small(text?.replaceAll(' ', '\u00a0').replace('\u00a0to\u00a0', '\u00a0to '))
/** A checkpoint's path may be long. */
const nameOf = (agent: string): string => (agent.length > 20 ? `<span class="long">${breakable(agent)}</span>` : `<span>${quoted(agent)}</span>`)
/** With places for a line to break. */
const breakable = (name: string): string => quoted(name).replaceAll(/([:@/])/g, '$1<wbr>')

/** In a word or two what the figures under a heading are; what they rest on stands in full further down. */
function kindsOf(results: readonly CompareResult[]): string {
  const text = results
    .flatMap(({ labels }) => labels)
    .join(' ')
    .toLowerCase()
  return ['simulated', 'measured', 'perturbed', 'overlay'].filter((word) => text.includes(word)).join(', ')
}
