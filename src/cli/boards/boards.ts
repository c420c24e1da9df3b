import { Command } from 'commander'
import { readBoardFile } from '../../board/known/read.ts'
import type { KnownBoard } from '../../board/known/schema.ts'
import { readShipped, shippedIds } from '../../board/known/shipped.ts'
import { simulatable } from '../../board/known/simulatable.ts'
import { FlyballError } from '../../core/errors.ts'
import { manyOption } from '../options.ts'
import { printJson, printLines } from '../print.ts'
import { showBoard } from './show.ts'
import { boardTable, summaryOf } from './summary.ts'

const help = `
Example:
  flyball boards
  flyball boards --board mine.json         yours beside them
  flyball boards --json                    field: boards[], each { id, name, soc, clusters, memory, thermal, sensors, simulatable, missing }
  flyball boards show rk3588
`

const showHelp = `
Example:
  flyball boards show rk3588
  flyball boards show --board mine.json    checks the file, and says what a simulation still needs
  flyball boards show rk3588 --json        fields: board (as in the file), simulatable, missing
`

/** `flyball boards`: the boards that flyball knows, and what is known of them. Touches nothing. */
export function boardsCommand(): Command {
  return (
    new Command('boards')
      .description('lists the boards whose figures flyball knows, and whether they can be simulated')
      // Options after `show` are those of show.
      .enablePositionalOptions()
      .option('--json', 'one JSON document on standard output')
      .addOption(manyOption('--board <FILE>', 'list a board file of yours too'))
      .addHelpText('after', help)
      .allowExcessArguments()
      .action((options: { json?: boolean; board: string[] }, { args: [word] }: Command) => {
        if (word !== undefined)
          throw new FlyballError('ERR_USAGE', `boards: '${word}' is no command, expected flyball boards for the list, or flyball boards show ID`)
        const boards = [...shippedIds().map(readShipped), ...options.board.map(readBoardFile)]
        if (options.json === true) printJson({ boards: boards.map(summaryOf) })
        else printLines(boardTable(boards))
      })
      .addCommand(showCommand())
  )
}

function showCommand(): Command {
  return new Command('show')
    .description('shows all that is known of a board, each figure with its source')
    .argument('[ID]', 'board of the catalogue')
    .option('--json', 'one JSON document on standard output')
    .option('--board <FILE>', 'a board file of yours instead')
    .addHelpText('after', showHelp)
    .action((id: string | undefined, options: { json?: boolean; board?: string }) => {
      const board = chosen(id, options.board)
      const { ok, missing } = simulatable(board)
      if (options.json === true) printJson({ board, simulatable: ok, missing })
      else printLines(showBoard(board))
    })
}

function chosen(id: string | undefined, file: string | undefined): KnownBoard {
  if (id !== undefined && file === undefined) return readShipped(id)
  if (file !== undefined && id === undefined) return readBoardFile(file)
  throw new FlyballError(
    'ERR_USAGE',
    `show: ${id === undefined ? 'no board is given' : `both '${id}' and --board are given`}, expected an ID or --board FILE`,
  )
}
