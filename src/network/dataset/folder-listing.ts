import { type Dirent, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FlyballError } from '../../core/errors.ts'

/** Image files of a labelled folder. */
export interface FolderListing {
  /** Names of the class folders, sorted. */
  readonly classes: readonly string[]
  /** By class, then by name; `label` is an index into `classes`. */
  readonly files: readonly { readonly path: string; readonly label: number }[]
}

const images = /\.(png|jpe?g)$/i

/**
 * Lists DIR/class/*.png|jpg|jpeg in an order that depends on the names alone. Hidden files and folders do not count. Throws ERR_DATASET when there are
 * no class folders, or one holds no image.
 */
export function listImageFolder(dir: string): FolderListing {
  const classes = entriesOf(dir)
    .filter((entry) => isFolder(dir, entry))
    .map(({ name }) => name)
  if (classes.length === 0)
    throw new FlyballError(
      'ERR_DATASET',
      `${dir} holds no class folders, expected one folder a class with its images: ${join(dir, 'CLASS', 'x.png')}`,
    )
  const files = classes.flatMap((name, label) => {
    const found = entriesOf(join(dir, name)).filter((entry) => images.test(entry.name) && !entry.isDirectory())
    if (found.length === 0)
      throw new FlyballError('ERR_DATASET', `${join(dir, name)} holds no image, expected .png, .jpg or .jpeg files of class ${name}`)
    return found.map((entry) => ({ path: join(dir, name, entry.name), label }))
  })
  return { classes, files }
}

/** The folders of training and test images, where a folder has both parts. */
export function partsOf(dir: string): { train: string; test: string } | undefined {
  const parts = { train: join(dir, 'train'), test: join(dir, 'test') }
  return existsSync(parts.train) && existsSync(parts.test) ? parts : undefined
}

function entriesOf(dir: string): Dirent[] {
  try {
    return (
      readdirSync(dir, { withFileTypes: true })
        .filter(({ name }) => !name.startsWith('.'))
        // By code unit, so that the order of the classes does not depend on a locale.
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    )
  } catch (error) {
    throw new FlyballError('ERR_DATASET', `${dir} cannot be read, expected a folder of class folders with images: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Data sets are often links to folders elsewhere. */
function isFolder(dir: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  try {
    readdirSync(join(dir, entry.name))
    return true
  } catch {
    return false
  }
}
