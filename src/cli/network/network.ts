import { Command } from 'commander'
import { addCommand } from './add.ts'
import { evalCommand } from './eval.ts'
import { exportCommand } from './export.ts'
import { trainCommand } from './train.ts'

/** `flyball network`: makes dynamic networks and judges them. */
export function networkCommand(): Command {
  const network = new Command('network')
    .description('train, export, add and evaluate dynamic networks')
    .addHelpText('after', '\nExample:\n  flyball network eval shipped:cifar10-g4 --data ~/cifar-10-batches-bin\n')
  // Settings of a command are not those of the commands below it.
  for (const command of [trainCommand(), exportCommand(), addCommand(), evalCommand()])
    network.addCommand(command.exitOverride().configureOutput({ outputError: () => {} }))
  return network
}
