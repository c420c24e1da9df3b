import { Command } from 'commander'
import { readScenarioFile } from '../../../envs/world/scenario/read.ts'
import type { Scenario } from '../../../envs/world/scenario/schema.ts'
import { readScenario, scenarioNames } from '../../../envs/world/scenario/shipped.ts'
import { readBoardFile } from '../../board/known/read.ts'
import { readShipped } from '../../board/known/shipped.ts'
import { writeScenarioPicture } from '../../report/scenario-picture.ts'
import { worldOnBoard } from '../../run/grounds/world-on-board.ts'
import { manyOption, parseCount } from '../options.ts'
import { formatTable, printJson, printLines } from '../print.ts'
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
  flyball scenarios show core-loss --json              fields: scenario (as read), timeline[] { fromS, toS, when, what }
`

/** `flyball scenarios`: what can happen to a governor. Touches nothing. */
export function scenariosCommand(): Command {
  return (
    new Command('scenarios')
      .description('lists the scenarios that agents can be compared in')
      // Options after `show` are those of show.
      .enablePositionalOptions()
      .option('--json', 'print one JSON document')
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
  board: string
  seed: string
}

function showCommand(): Command {
  return new Command('show')
    .description('shows what happens when in a scenario, with sources')
    .argument('<NAME|FILE>', 'a shipped scenario, or a file that ends in .json')
    .option('--json', 'print one JSON document')
    .option('--svg <FILE>', 'draw it: what one seed makes of it')
    .option('--board <ID|FILE>', 'board of the picture', 'odroid-xu4')
    .option('--seed <N>', 'seed of the picture', '1')
    .addHelpText('after', showHelp)
    .action(async (name: string, options: ShowFlags) => {
      const scenario = readScenario(name)
      const seed = parseCount(options.seed, '--seed', 0)
      if (options.svg !== undefined) {
        const board = options.board.endsWith('.json') ? readBoardFile(options.board) : readShipped(options.board)
        const { durationS } = scenario
        const title = `${scenario.name} on ${board.id}, seed ${seed}`
        await writeScenarioPicture(worldOnBoard(scenario, board), { title, seed, durationS }, options.svg)
      }
      if (options.json === true) printJson({ scenario, timeline: timelineOf(scenario) })
      else printLines(showScenario(scenario))
    })
}
