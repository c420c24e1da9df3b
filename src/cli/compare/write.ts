import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { checkWritable, writeFileAtomic } from '../../network/write-file.ts'
import type { CompareResult } from '../../run/compare/result.ts'
import { resultsCsv } from './csv.ts'

const documentName = 'compare.json'

/**
 * Makes the folder, so that nothing is compared in vain. Returns what takes back what was made, unless something lies in it by then.
 * Throws ERR_OUT_EXISTS or ERR_OUT_NOT_WRITABLE.
 */
export function claimFolder(dir: string, force: boolean): () => void {
  if (!force && existsSync(join(dir, documentName)))
    throw new FlyballError('ERR_OUT_EXISTS', `${dir} already holds a comparison; --force writes over it`)
  const made: string[] = []
  for (let folder = resolve(dir); !existsSync(folder); folder = dirname(folder)) made.push(folder)
  checkWritable(dir)
  return () => {
    for (const folder of made) {
      if (readdirSync(folder).length > 0) return
      rmdirSync(folder)
    }
  }
}

/** Everything is in hand before the first file is written, each whole or not at all; while an older comparison is replaced its document is away. */
export async function writeComparison(dir: string, document: unknown, results: readonly CompareResult[]): Promise<void> {
  // Charts are loaded only where they are drawn.
  const { compareReportHtml } = await import('../../report/compare-report.ts')
  const report = await compareReportHtml(results)
  rmSync(join(dir, documentName), { force: true })
  writeFileAtomic(join(dir, 'results.csv'), resultsCsv(results))
  writeFileAtomic(join(dir, 'report.html'), report)
  writeFileAtomic(join(dir, documentName), `${JSON.stringify(document, null, 2)}\n`)
}
