import { FlyballError } from '../../src/core/errors.ts'
import { parseCpuList } from '../../src/linux/cpulist.ts'

/** A list of cores on the command line: the kernel's form with + for its comma (`0+2-3`). Throws ERR_USAGE naming the option. */
export function parseCores(text: string, where: string): number[] {
  try {
    if (/^\d+(-\d+)?(\+\d+(-\d+)?)*$/.test(text)) return parseCpuList(text.replaceAll('+', ','))
  } catch {
    // A range that falls, or is longer than any machine: refused in this option's own form.
  }
  throw new FlyballError('ERR_USAGE', `${where}: '${text}' is no list of cores, expected e.g. 0 or 0-1 or 0+2-3`)
}

/** The wanted cores, all of which must be allowed. Throws ERR_RANGE. */
export function checkAllowed(cpus: readonly number[], allowed: readonly number[], where: string): void {
  const missing = cpus.filter((cpu) => !allowed.includes(cpu))
  if (missing.length > 0)
    throw new FlyballError('ERR_RANGE', `${where}: core ${missing.join(', ')} is not available, expected some of ${allowed.join(', ')}`)
}
