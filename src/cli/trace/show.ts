import { statSync } from 'node:fs'
import { Command } from 'commander'
import { formatQuantity } from '../../core/units.ts'
import { requirementsText } from '../../report/compare-format.ts'
import { percent } from '../../report/summary.ts'
import { writeTimeline } from '../../report/timeline.ts'
import { traceFile } from '../../run/folder.ts'
import { importedEnv } from '../../run/offline/shape.ts'
import type { TraceHeader } from '../../trace/header.ts'
import { isParquet, openLog } from '../../trace/log.ts'
import { tracePartsOf } from '../../trace/parts.ts'
import type { TornLine } from '../../trace/reader.ts'
import { type FieldSummary, makeTraceSummary, type TraceSummary } from '../../trace/summary.ts'
import { bold, formatTable, printJson, printLines } from '../print.ts'

const help = `
Example:
  flyball trace show runs/first
  flyball trace show first.parquet --picture first.svg
  flyball trace show runs/first --json | jq '.points[0]'
`

export function showCommand(): Command {
  return new Command('show')
    .description('says what a trace holds: where it is from, what was seen, chosen and measured, and what it can teach')
    .argument('<trace>', 'a trace.jsonl, rotated or not, the folder of a run, or a .parquet')
    .option('--picture <FILE>', 'draw the last decisions as SVG: latency, sub-networks, interference')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', help)
    .action(async (path: string, flags: { picture?: string; json?: boolean }) => {
      const shown = await readShown(traceFile(path))
      if (flags.picture !== undefined) await writeTimeline(shown.trace, flags.picture)
      if (flags.json === true) printJson({ ...plain(shown), picture: flags.picture ?? null })
      else printLines(lines(shown))
    })
}

interface Shown extends TraceSummary {
  readonly trace: string
  readonly header: TraceHeader
  readonly parts: number
  readonly sizeB: number
  readonly torn: TornLine | null
}

async function readShown(trace: string): Promise<Shown> {
  const log = await openLog(trace)
  try {
    const summary = makeTraceSummary(log.header)
    for await (const entry of log.entries()) summary.add(entry)
    const files = isParquet(trace) ? [trace] : tracePartsOf(trace)
    const sizeB = files.reduce((sum, file) => sum + statSync(file).size, 0)
    return { trace, header: log.header, parts: files.length, sizeB, torn: log.torn() ?? null, ...summary.summary() }
  } finally {
    log.close()
  }
}

/** The header without its long parts. */
function plain({ header, ...rest }: Shown): Record<string, unknown> {
  const { spaces, nominal: _nominal, agent, ...about } = header
  const { name, options, frozen } = agent
  return {
    ...rest,
    header: { ...about, agent: { name, options, frozen }, knobs: spaces.knobs, monitors: spaces.monitors, points: spaces.points.length },
  }
}

const mostPoints = 8

function lines(shown: Shown): string[] {
  const { header, decisions, sizeB, parts, torn } = shown
  const { agent, env, board, network } = header
  const perDecision = decisions === 0 ? '' : `, ${(sizeB / decisions).toFixed(0)} B a decision`
  const qualities = Object.entries(shown.energyQuality).filter(([, ratio]) => ratio > 0)
  return [
    bold(`${shown.trace}: ${decisions} decisions, ${formatQuantity(shown.durationS, 'time')}`),
    ...(header.runs === undefined ? [`agent        ${agent.name}${agent.frozen ? ', frozen' : ''}, seed ${header.seed}`] : []),
    `environment  ${env.name}, board ${board.id}${network === null ? '' : `, network ${network.name}`}`,
    `asked        ${header.objective.kind}; ${requirementsText(header.requirements)}${shown.requirementChanges > 0 ? `; changed ${shown.requirementChanges === 1 ? 'once' : `${shown.requirementChanges} times`}` : ''}`,
    ...(header.runs ?? []).map(
      ({ source, decisions, agent: by, env: on, seed }, i) =>
        `${i === 0 ? 'runs         ' : '             '}${source}: ${decisions} decisions${on === importedEnv ? '' : ` of ${by} on ${on}, seed ${seed}`}`,
    ),
    `size         ${formatQuantity(sizeB, 'size')}${parts > 1 ? ` in ${parts} parts` : ''}${perDecision}`,
    `segments     ${shown.segments}${shown.overridden > 0 ? `; ${shown.overridden} decisions were overridden` : ''}`,
    ...(shown.guarded === 0 ? [] : [`guard        took points away or gave some back ${shown.guarded} times`]),
    ...(shown.changes + shown.relaxed + shown.knobs + shown.sensors === 0
      ? []
      : [
          `noticed      ${shown.changes} changes of the board; ${shown.relaxed} times no point kept what was asked; ${shown.knobs} knobs changed by others; ${shown.sensors} times a sensor was doubted`,
        ]),
    `misses       ${shown.missRatio === null ? '-' : percent(shown.missRatio)}`,
    `energy       ${qualities.map(([quality, ratio]) => `${quality} ${percent(ratio)}`).join(', ')}`,
    `propensity   ${propensityText(shown)}`,
    ...(torn === null ? [] : [`torn         ${torn.file}: line ${torn.line} is cut off and was dropped`]),
    '',
    ...formatTable([['', 'least', 'mean', 'most', 'absent'], ...[...shown.outcomes, ...shown.monitors].map(fieldRow)]),
    '',
    ...formatTable(
      [
        ['executed', ''],
        ...shown.points.slice(0, mostPoints).map(({ point, ratio }) => [point, percent(ratio)]),
        ...(shown.points.length > mostPoints ? [[`${shown.points.length - mostPoints} other points`, percent(rest(shown))]] : []),
        ...(shown.pointsNeverTried > 0 ? [[`${shown.pointsNeverTried} points were never tried`, '']] : []),
      ],
      'left',
    ),
  ]
}

const rest = ({ points }: Shown): number => points.slice(mostPoints).reduce((sum, { ratio }) => sum + ratio, 0)

function propensityText({ leastPropensity, deterministicRatio }: Shown): string {
  if (leastPropensity === null || deterministicRatio === null)
    return 'unknown: of other policies this log can say only what a model learns from it, and averages'
  if (deterministicRatio === 1) return 'always 1: nothing was left to chance, this log answers little about other policies'
  return `at least ${Number(leastPropensity.toPrecision(3))}; ${percent(deterministicRatio)} of decisions were certain`
}

function fieldRow({ name, least, mean, most, absentRatio }: FieldSummary): string[] {
  const show = (value: number | null): string => {
    if (name.endsWith('S')) return formatQuantity(value, 'time')
    if (name.endsWith('J')) return formatQuantity(value, 'energy')
    return value === null ? '-' : `${Number(value.toPrecision(4))}`
  }
  return [name, show(least), show(mean), show(most), absentRatio === 0 ? '' : percent(absentRatio)]
}
