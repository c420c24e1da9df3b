import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { checkWritable, writeFileAtomic } from '../../network/write-file.ts'
import type { CompareResult } from '../../run/compare/result.ts'
import { resultsCsv } from './csv.ts'

const documentName = 'compare.json'

/** Makes the folder, so that nothing is compared in vain; its path where it was not there before. Throws ERR_OUT_EXISTS or ERR_OUT_NOT_WRITABLE. */
export function claimFolder(dir: string, force: boolean): string | undefined {
  if (!force && existsSync(join(dir, documentName)))
    throw new FlyballError('ERR_OUT_EXISTS', `${dir} already holds a comparison; --force writes over it`)
  const isNew = !existsSync(dir)
  checkWritable(dir)
  return isNew ? dir : undefined
}

/** Everything is in hand before the first file is written, each whole or not at all. */
export async function writeComparison(dir: string, document: unknown, results: readonly CompareResult[]): Promise<void> {
  // Charts are loaded only where they are drawn.
  const { compareReportHtml } = await import('../../report/compare-report.ts')
  const report = await compareReportHtml(results)
  writeFileAtomic(join(dir, 'results.csv'), resultsCsv(results))
  writeFileAtomic(join(dir, 'report.html'), report)
  writeFileAtomic(join(dir, documentName), `${JSON.stringify(document, null, 2)}\n`)
}
