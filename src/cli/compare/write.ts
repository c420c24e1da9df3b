import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { checkWritable, refusable, writeFileAtomic } from '../../network/write-file.ts'
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

/** All three files are whole on the disk before the first takes its place: a disk that is full leaves an older comparison as it is. While that is replaced its document is away. Throws ERR_OUT_NOT_WRITABLE. */
export async function writeComparison(dir: string, document: unknown, results: readonly CompareResult[]): Promise<void> {
  // Charts are loaded only where they are drawn.
  const { compareReportHtml } = await import('../../report/compare-report.ts')
  const report = await compareReportHtml(results)
  const files = { 'results.csv': resultsCsv(results), 'report.html': report, [documentName]: `${JSON.stringify(document, null, 2)}\n` }
  const staged = join(dir, '.writing')
  try {
    for (const [name, text] of Object.entries(files)) writeFileAtomic(join(staged, name), text)
    rmSync(join(dir, documentName), { force: true })
    for (const name of Object.keys(files)) refusable(join(dir, name), () => renameSync(join(staged, name), join(dir, name)))
  } finally {
    rmSync(staged, { recursive: true, force: true })
  }
}
