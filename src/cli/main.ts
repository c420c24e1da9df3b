#!/usr/bin/env node
import { Command } from 'commander'
import { findLeftBehind } from '../linux/left-behind.ts'
import { tuneEngine } from '../run/tune-engine.ts'
import { flyballVersion } from '../run/versions.ts'
import { endWithItsReader } from './closed-pipe.ts'
import { reportError } from './fail.ts'

// Only the command that was asked for is loaded: a deployment must answer within a second, and help needs no inference.
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.ts')).demoCommand(),
  profile: async () => (await import('./profile.ts')).profileCommand(),
  train: async () => (await import('./train.ts')).trainCommand(),
  deploy: async () => (await import('./deploy.ts')).deployCommand(),
  record: async () => (await import('./record.ts')).recordCommand(),
  compare: async () => (await import('./compare/compare.ts')).compareCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  trace: async () => (await import('./trace/trace.ts')).traceCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  restore: async () => (await import('./restore.ts')).restoreCommand(),
  boards: async () => (await import('./boards/boards.ts')).boardsCommand(),
  scenarios: async () => (await import('./scenarios/scenarios.ts')).scenariosCommand(),
  network: async () => (await import('./network/network.ts')).networkCommand(),
}

/** They decide about requests as these come. */
const governing = ['train', 'deploy', 'record']

// Errors are printed in one place, here.
const quiet = { outputError: () => {} }

function silence(command: Command): Command {
  command.exitOverride().configureOutput(quiet)
  for (const inner of command.commands) silence(inner)
  return command
}

const program = silence(new Command('flyball'))
  .description('keeps neural-network inference inside its latency, energy and accuracy targets on this board')
  .version(flyballVersion())
  // What stands after a command is of that command: `boards` and `boards show` have options of one name.
  .enablePositionalOptions()

// Whatever was asked for: a board that a killed run left at some clock should not stay there for want of a hint.
function noticeLeftBehind(): void {
  const [journal] = findLeftBehind()
  if (journal === undefined) return
  const self = process.geteuid?.()
  const [whose, sudo] = journal.uid === self ? ['', ''] : journal.uid === 0 ? [' of root', 'sudo '] : [` of user ${journal.uid}`, '']
  process.stderr.write(`flyball: a run${whose} was killed and kernel knobs are as it left them; run: ${sudo}flyball restore\n`)
}
endWithItsReader()

try {
  const asked = process.argv[2] ?? ''
  if (asked !== 'restore') noticeLeftBehind()
  if (governing.includes(asked)) tuneEngine()
  const needed = Object.hasOwn(commands, asked) ? [asked] : /^(-V|--version)$/.test(asked) ? [] : Object.keys(commands)
  for (const name of needed) program.addCommand(silence(await (commands[name] as () => Promise<Command>)()))
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error, process.argv.includes('--json'))
}
