import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The network that is governed when none is named. */
export const defaultNetwork = 'shipped:cifar10-g4'

const prefix = 'shipped:'

/** Folder of a network: `shipped:NAME` is one of this package's own, everything else a path. */
export function networkDir(source: string): string {
  if (!source.startsWith(prefix)) return isAbsolute(source) ? source : resolve(source)
  return join(packageRoot(), 'checkpoints/networks', source.slice(prefix.length))
}

/** The same network from any working directory: `shipped:NAME` as it is, a path made absolute. */
export const networkNamed = (source: string): string => (source.startsWith(prefix) ? source : resolve(source))

/** Where package.json lies: two folders up from the sources, three from the build output. */
export function packageRoot(): string {
  const sources = fileURLToPath(new URL('../..', import.meta.url))
  return existsSync(join(sources, 'package.json')) ? sources : fileURLToPath(new URL('../../..', import.meta.url))
}
