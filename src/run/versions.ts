import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './shipped.ts'

let own: string | undefined

/** Version of flyball, from its package.json. */
export function flyballVersion(): string {
  own ??= (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version
  return own
}

/** Versions that a run's numbers depend on. */
export function versions(): Record<string, string> {
  return { flyball: flyballVersion(), node: process.versions.node, platform: `${process.platform}-${process.arch}` }
}
