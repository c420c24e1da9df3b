import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Interruption } from '../../trace/draft.ts'
import { type Imported, importLog } from './import.ts'
import { type ImportRequest, importSource } from './source.ts'

/** Imports logs for the time of one use. Throws what importing throws. */
export async function withImported<T>(
  request: ImportRequest,
  interruption: Interruption,
  use: (trace: string, imported: Imported) => Promise<T>,
): Promise<T> {
  const source = await importSource(request)
  const folder = mkdtempSync(join(tmpdir(), 'flyball-import-'))
  try {
    const trace = join(folder, `${basename(request.files[0] as string)}.jsonl`)
    const imported = await importLog(source, trace, interruption)
    return await use(trace, imported)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
