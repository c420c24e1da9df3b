import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { Command } from 'commander'
import { readScenarioFile } from '../../../envs/world/scenario/read.ts'
import type { Scenario } from '../../../envs/world/scenario/schema.ts'
import { readScenario, scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import type { World } from '../../../envs/world/world.ts'
import { readBoardFile } from '../../board/known/read.ts'
import type { KnownBoard } from '../../board/known/schema.ts'
import { readShipped } from '../../board/known/shipped.ts'
import { FlyballError } from '../../core/errors.ts'
import { writeScenarioPicture } from '../../report/scenario-picture.ts'
import { worldOnBoard } from '../../run/grounds/world-on-board.ts'
import { manyOption, parseCount } from '../options.ts'
import { formatTable, makeProgress, printJson, printLines } from '../print.ts'
import { showScenario, timelineOf } from './timeline.ts'

const help = `
Example:
  flyball scenarios
  flyball scenarios --scenario mine.json     yours beside them
  flyball scenarios --json                   field: scenarios[], each { name, description, durationS, requests, timeScale, after, events, requirements }
  flyball scenarios show core-loss
`

const showHelp = `
Example:
  flyball scenarios show core-loss
  flyball scenarios show mine.json                     checks the file
  flyball scenarios show arrivals --svg arrivals.svg   draws what one seed makes of it on a board
  flyball scenarios show core-loss --json              fields: scenario (as read), timeline[] { fromS, toS, when, what }, picture
`

/** `flyball scenarios`: what can happen to a governor. Touches nothing. */
export function scenariosCommand(): Command {
  return (
    new Command('scenarios')
      .description('lists the scenarios that agents can be compared in')
      // Options after `show` are those of show.
      .enablePositionalOptions()
      .option('--json', 'one JSON document on standard output')
      .addOption(manyOption('--scenario <FILE>', 'list a scenario file of yours too'))
      .addHelpText('after', help)
      .action((options: { json?: boolean; scenario: string[] }) => {
        const scenarios = [...scenarioNames().map(readScenario), ...options.scenario.map(readScenarioFile)]
        if (options.json === true) printJson({ scenarios: scenarios.map(summaryOf) })
        else printLines(formatTable([['scenario', 'what happens'], ...scenarios.map(({ name, description }) => [name, description])], 'left'))
      })
      .addCommand(showCommand())
  )
}

function summaryOf({ name, description, durationS, requests, timeScale, after, events, requirements }: Scenario) {
  return {
    name,
    description,
    durationS,
    requests: requests ?? null,
    timeScale: timeScale ?? null,
    after,
    events: events.map(({ kind }) => kind),
    requirements: requirements.length,
  }
}

interface ShowFlags {
  json?: boolean
  svg?: string
  board?: string
  seed: string
}

function showCommand(): Command {
  return new Command('show')
    .description('shows what happens when in a scenario, with sources')
    .argument('<NAME|FILE>', 'a shipped scenario, or a file that ends in .json')
    .option('--json', 'one JSON document on standard output')
    .option('--svg <FILE>', 'draw it: what one seed makes of it')
    .option('--board <ID|FILE>', 'board of the picture (default: odroid-xu4); checks that the clusters which the scenario names are there')
    .option('--seed <N>', 'seed of the picture', '1')
    .addHelpText('after', showHelp)
    .action(async (name: string, options: ShowFlags) => {
      const scenario = readScenario(name)
      const seed = parseCount(options.seed, '--seed', 0)
      const { svg } = options
      if (svg !== undefined || options.board !== undefined) {
        const board = boardOf(options.board ?? 'odroid-xu4')
        const world = worldOnBoard(scenario, board, name)
        if (svg !== undefined) await drawInto(svg, world, scenario, `${scenario.name} on ${board.id}, seed ${seed}`, seed)
      }
      if (options.json === true) printJson({ scenario, timeline: timelineOf(scenario), picture: svg ?? null })
      else printLines(showScenario(scenario))
    })
}

const boardOf = (board: string): KnownBoard => (board.endsWith('.json') ? readBoardFile(board) : readShipped(board))

async function drawInto(path: string, world: World, { durationS }: Scenario, title: string, seed: number): Promise<void> {
  if (!existsSync(dirname(path))) throw new FlyballError('ERR_OUT_NOT_WRITABLE', `--svg ${path}: its folder is not there, expected one that is`)
  await writeScenarioPicture(world, { title, seed, durationS }, path)
  makeProgress(false).note(`picture of ${title}: ${path}`)
}
