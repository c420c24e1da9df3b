import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSmallNetworkTo } from '../../support/small-network.ts'

/** A network of one increment: profiling all points is most of the time that a first run takes under emulation. */
export function writeOneIncrementTo(dir: string): void {
  writeSmallNetworkTo(dir)
  const file = join(dir, 'manifest.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  for (const part of ['units', 'subnets']) manifest[part] = manifest[part].slice(0, 1)
  writeFileSync(file, JSON.stringify(manifest))
}
