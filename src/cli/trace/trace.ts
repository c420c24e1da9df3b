import { Command } from 'commander'
import { convertCommand } from './convert.ts'
import { showCommand } from './show.ts'

export function traceCommand(): Command {
  return new Command('trace').description('look at a trace, or write it in another form').addCommand(showCommand()).addCommand(convertCommand())
}
