import { Command } from 'commander'
import { convertCommand } from './convert.ts'
import { importCommand } from './import.ts'
import { mergeCommand } from './merge.ts'
import { showCommand } from './show.ts'

export function traceCommand(): Command {
  return new Command('trace')
    .description('look at traces, write them in another form, put them together')
    .addCommand(showCommand())
    .addCommand(convertCommand())
    .addCommand(mergeCommand())
    .addCommand(importCommand())
}
