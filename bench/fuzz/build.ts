import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FuzzedParser } from './parser.ts'

/** Sources are TypeScript, and JavaScript once built: this module has the ending of the others. */
const self = fileURLToPath(import.meta.url)
const ending = extname(self)
const root = join(dirname(self), '../..')

/** Codes and their words come and go; no parser reads otherwise because of them. */
const unread = ['src/core/errors']

/** What a parser consists of: a hash over the modules that it covers and all that these import within the tree. */
export function buildOf({ covers, modules = [] }: Pick<FuzzedParser, 'covers' | 'modules'>): string {
  const files = new Set<string>()
  for (const cover of [...covers, ...modules]) reach(join(root, (cover.split(' ')[0] as string).replace(/\.ts$/, ending)), files)
  const hash = createHash('sha256')
  for (const file of [...files].sort()) hash.update(`${relative(root, file)}\0${textOf(file)}\0`)
  return hash.digest('hex').slice(0, 12)
}

function reach(file: string, files: Set<string>): void {
  if (files.has(file) || unread.some((name) => file === join(root, name + ending))) return
  files.add(file)
  for (const [, path = ''] of textOf(file).matchAll(/(?:^(?:import|export)\b[^'"]*\bfrom |\bimport\()['"](\.[^'"]+\.(?:[jt]s|json))['"]/gm)) {
    const imported = join(dirname(file), path)
    if (existsSync(imported)) reach(imported, files)
  }
}

const texts = new Map<string, string>()

function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(file, 'utf8')
  texts.set(file, text)
  return text
}
