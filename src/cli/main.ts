#!/usr/bin/env node
import { Command } from 'commander'
import { flyballVersion } from '../run/versions.ts'
import { demoCommand } from './demo.ts'
import { deployCommand } from './deploy.ts'
import { doctorCommand } from './doctor.ts'
import { reportError } from './fail.ts'
import { networkCommand } from './network.ts'
import { replayCommand } from './replay.ts'
import { restoreCommand } from './restore.ts'
import { trainCommand } from './train.ts'

const program = new Command('flyball')
  .description('keeps neural-network inference inside its latency, energy and accuracy targets on this board')
  .version(flyballVersion())
  .exitOverride()
  .configureOutput({ outputError: () => {} })

for (const command of [demoCommand(), trainCommand(), deployCommand(), replayCommand(), doctorCommand(), restoreCommand(), networkCommand()])
  program.addCommand(command.exitOverride().configureOutput({ outputError: () => {} }))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error, process.argv.includes('--json'))
}
