import { CommanderError } from 'commander'
import { FlyballError, isSystemError } from '../core/errors.ts'

/** Prints an error as one clear line (and as the one JSON document where that was asked for) and returns the exit status. */
export function reportError(error: unknown, json: boolean): number {
  // Help and version end through an error of commander's own, with status 0.
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  // Called without a command: the help that was printed says what is missing.
  if (error instanceof CommanderError && error.code === 'commander.help') return 2
  const { code, message, exitCode } = describeError(error)
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, exitCode } }, null, 2)}\n`)
  process.stderr.write(`flyball: ${message} [${code}]\n`)
  if (code === 'ERR_INTERNAL' && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`)
  return exitCode
}

/** Code, message and exit status of any error, commander's own included. */
export function describeError(error: unknown): { code: string; message: string; exitCode: number } {
  if (error instanceof FlyballError) return { code: error.code, message: printable(error.message), exitCode: error.exitCode }
  if (error instanceof CommanderError) return { code: 'ERR_USAGE', message: printable(error.message.replace(/^error: /, '')), exitCode: 2 }
  // From any write of any file: none of them can be gone on from, and nothing of flyball is at fault.
  if (isSystemError(error, 'ENOSPC', 'EDQUOT', 'EFBIG'))
    return { code: 'ERR_NO_SPACE', message: `no room for what this command writes (${error.message}); make room and call it again`, exitCode: 4 }
  return { code: 'ERR_INTERNAL', message: error instanceof Error ? error.message : String(error), exitCode: 5 }
}

const mostCharacters = 4000

/** Messages quote files, and a file may hold what moves a terminal's cursor, or a megabyte. */
function printable(message: string): string {
  const short = message.length > mostCharacters ? `${message.slice(0, mostCharacters)} …` : message
  return Array.from(short, (letter) => (isControl(letter.charCodeAt(0)) ? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}` : letter)).join(
    '',
  )
}

const isControl = (code: number): boolean => (code < 32 && code !== 10) || (code >= 127 && code < 160)
