import { FlyballError, isSystemError } from '../../core/errors.ts'
import { textBytes } from './text-bytes.ts'

/** Lines of a text file that came together, without their ends. `first` is the number of the first, from 1. */
export interface Lines {
  readonly lines: readonly string[]
  readonly first: number
  /** False for a last line that nothing ends. */
  readonly complete: boolean
}

const mostLineB = 2 ** 22

/** Streams a plain or gzipped text file of ASCII, told apart by its first bytes. Throws ERR_LOG for one that cannot be read or whose gzip data is cut off or broken. */
export async function* readLines(path: string): AsyncGenerator<Lines> {
  let first = 1
  let held = ''
  try {
    for await (const bytes of textBytes(path)) {
      const lines = (held + bytes.toString('latin1')).split('\n')
      held = lines.pop() as string
      // A megabyte of gzipped zeros is a line of a gigabyte.
      if (held.length > mostLineB)
        throw new FlyballError(
          'ERR_LOG',
          `${path}, line ${first + lines.length}: it has more than ${mostLineB} characters, expected a record of a CSV file`,
        )
      if (lines.length > 0) yield { lines: lines.map(withoutReturn), first, complete: true }
      first += lines.length
    }
  } catch (error) {
    throw unreadable(path, first - 1, error)
  }
  if (held !== '') yield { lines: [withoutReturn(held)], first, complete: false }
}

/** What reading threw, as ERR_LOG. */
export function unreadable(path: string, afterLine: number, error: unknown): FlyballError {
  if (error instanceof FlyballError) return error
  const where = isSystemError(error, 'Z_BUF_ERROR', 'Z_DATA_ERROR')
    ? `${path}, after line ${afterLine}: is cut off or broken`
    : `${path} cannot be read`
  return new FlyballError('ERR_LOG', `${where}: ${(error as Error).message}; expected a text file, plain or gzipped`, { cause: error })
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)
