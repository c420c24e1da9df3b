#!/usr/bin/env node
import { Command } from 'commander'
import { flyballVersion } from '../run/versions.ts'
import { reportError } from './fail.ts'
import { trainCommand } from './train.ts'

const program = new Command('flyball')
  .description('keeps neural-network inference inside its latency, energy and accuracy targets on this board')
  .version(flyballVersion())
  .exitOverride()
  .configureOutput({ outputError: () => {} })

for (const command of [trainCommand()]) program.addCommand(command.exitOverride().configureOutput({ outputError: () => {} }))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error, process.argv.includes('--json'))
}
