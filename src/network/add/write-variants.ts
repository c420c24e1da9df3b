import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { FlyballError } from '../../core/errors.ts'
import { manifestFile, type NetworkManifest, parseManifest } from '../manifest.ts'
import { copyFileAtomic, writeFileAtomic } from '../write-file.ts'

/**
 * Copies one file per unit into `out` and writes the manifest last; the manifest that stood there goes first, so that the folder never seems to hold what it does
 * not. Files of the network before go too, unless files are taken from this very folder: it is then the user's own store. Throws ERR_OUT_NOT_WRITABLE.
 */
export function writeVariants(out: string, manifest: NetworkManifest, paths: readonly string[]): void {
  const root = realpathSync(out) + sep
  const sources = paths.map((path) => realpathSync(path))
  const before = sources.some((source) => source.startsWith(root)) ? [] : filesBefore(out)
  remove(join(out, manifestFile))
  sources.forEach((source, u) => {
    const file = manifest.units[u]?.file as string
    if (source !== root + file) copyFileAtomic(source, join(out, file))
  })
  for (const file of before) if (!manifest.units.some((unit) => unit.file === file)) remove(join(out, file))
  writeFileAtomic(join(out, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Of the network that the folder held; none when it held none, or none that can be read. Files behind a link to another folder are not its own. */
function filesBefore(out: string): string[] {
  try {
    const root = realpathSync(out)
    const files = parseManifest(readFileSync(join(out, manifestFile), 'utf8'), out).units.map(({ file }) => file)
    return files.filter((file) => existsSync(join(out, file)) && `${realpathSync(dirname(join(out, file)))}${sep}`.startsWith(root + sep))
  } catch {
    return []
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw new FlyballError('ERR_OUT_NOT_WRITABLE', `${path} cannot be removed: ${(error as Error).message}`, { cause: error })
  }
}
