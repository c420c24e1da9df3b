import type { CompareResult } from '../run/compare/result.ts'
import { briefLabelsText, labelsText, objectiveText, percentText, seedsText } from './compare-format.ts'
import { commonStem, type MatrixCell, type MatrixRow, matrixGroups } from './compare-matrix.ts'
import { askedTexts, type Cell, type RankedRow, rankedGroups, rankedHeader } from './compare-rows.ts'
import { quoted } from './page.ts'

/** Agents by environments. */
export function matrixTable(results: readonly CompareResult[]): string {
  const stem = commonStem(results.map(({ env }) => env))
  const heads = results.map(
    ({ env }, i) =>
      `<th scope="col"><a href="#env-${i + 1}">${breakable(env.slice(stem.length))}</a><small>${quoted(kindOf(results[i]))}</small></th>`,
  )
  const several = results.length > 1
  const width = 1 + results.length + (several ? 1 : 0)
  const bodies = matrixGroups(results).map(
    ({ title, rows }) => `<tbody>${classRow(title, width)}${rows.map((row) => matrixRow(row, several)).join('')}</tbody>`,
  )
  const caption = stem === '' ? '' : `<caption><span>Environments: ${quoted(stem)}...</span></caption>`
  return `<div class="wide" tabindex="0" role="region" aria-label="Gap to the oracle of all agents"><table class="matrix">${caption}<thead><tr><th scope="col">agent</th>${heads.join('')}${several ? '<th scope="col">median</th>' : ''}</tr></thead>${bodies.join('')}</table></div>`
}

function matrixRow({ agent, cells, medianGap }: MatrixRow, several: boolean): string {
  const cell = (found: MatrixCell | null): string =>
    found === null
      ? '<td>-</td>'
      : `<td style="--heat: ${found.heat.toFixed(2)}"${found.best ? ' class="best"' : ''}>${quoted(found.text)}${small(found.interval)}</td>`
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
  const cell = ({ text, interval, words = false }: Cell): string => `<td${words ? ' class="words"' : ''}>${quoted(text)}${small(interval)}</td>`
  return `<tr><th scope="row"${best ? ' class="best"' : ''}><span class="rank">${rank}</span>${nameOf(agent)}</th>${cells.map(cell).join('')}</tr>`
}

/** How the environments were set up: once what holds for all, then row by row where they differ. */
export function settingsTable(results: readonly CompareResult[]): string {
  const alike = settings.filter(([, text]) => new Set(results.map(text)).size === 1)
  const differ = settings.filter((setting) => !alike.includes(setting))
  const [first] = results
  const items = first === undefined ? [] : alike.map(([name, text]) => `<li>${name}: ${quoted(text(first))}</li>`)
  const head = ['environment', ...differ.map(([name]) => name)].map((name) => `<th scope="col">${name}</th>`)
  const rows = results.map((result, i) => {
    const cells = differ.map(([, text]) => `<td>${quoted(text(result))}</td>`)
    return `<tr><th scope="row"><a href="#env-${i + 1}">${breakable(result.env)}</a></th>${cells.join('')}</tr>`
  })
  const table = `<div class="wide" tabindex="0" role="region" aria-label="Where they differ"><table class="settings"><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
  return `<ul>${items.join('')}</ul>${differ.length === 0 ? '' : table}`
}

const settings: readonly (readonly [string, (result: CompareResult) => string])[] = [
  ['figures', labelsText],
  ['asked', (result) => askedTexts(result).join('; ')],
  ['objective', ({ objective }) => objectiveText(objective)],
  ['operating points', ({ points }) => String(points)],
  ['steps', ({ steps }) => String(steps)],
  ['seeds', seedsText],
]

const classRow = (title: string, width: number): string => `<tr class="class"><th scope="rowgroup" colspan="${width}">${quoted(title)}</th></tr>`
const small = (text: string | undefined): string => (text === undefined ? '' : `<small>${quoted(text)}</small>`)
/** A checkpoint's path may be long. */
const nameOf = (agent: string): string => (agent.length > 20 ? `<span class="long">${breakable(agent)}</span>` : `<span>${quoted(agent)}</span>`)
/** With places for a line to break. */
const breakable = (name: string): string => quoted(name).replaceAll(/([:@/])/g, '$1<wbr>')

/** In a word or two what the figures under a heading are; what it rests on stands in full further down. */
function kindOf(result: CompareResult | undefined): string {
  const text = result?.labels.join(' ').toLowerCase() ?? ''
  const words = ['simulated', 'measured', 'perturbed', 'overlay'].filter((word) => text.includes(word))
  return words.join(', ')
}
