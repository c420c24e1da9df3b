import { flag } from '../support.ts'
import { hasTrace } from './trace.ts'

/** Folder of the measured traces: `--data DIR`, else beside the repository one stands in. They are not part of it. */
export const dataFolder = flag('data', '../shared/data/traces')

/** True where the traces are; else says on standard error what is left out. */
export function hasTraces(...names: readonly string[]): boolean {
  const missing = names.filter((name) => !hasTrace(dataFolder, name))
  if (missing.length === 0) return true
  process.stderr.write(`left out: no odroid-xu3-${missing.join('-50ms.csv.gz, odroid-xu3-')}-50ms.csv.gz in ${dataFolder} (--data DIR says where)\n`)
  return false
}
