import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const importing = (from: string): string => `import { thing } from '${from}'\n\nexport const other = thing\n`

// Each file stands in a folder of the name of the repository's and is looked at by the repository's own rules.
const refused: readonly (readonly [file: string, source: string, reason: string])[] = [
  ['agents/a.ts', importing('../envs/board/board-env.ts'), 'never envs'],
  ['agents/b.ts', importing('../src/linux/cpufreq.ts'), 'never envs'],
  ['agents/c.ts', importing('../src/run/loop.ts'), 'never envs'],
  ['agents/baselines/a.ts', importing('../../src/trace/reader.ts'), 'never envs'],
  ['envs/board/a.ts', importing('../../agents/index.ts'), 'never agents'],
  ['envs/board/b.ts', importing('../../src/run/loop.ts'), 'never agents'],
  ['envs/board/c.ts', importing('../../src/checkpoint/reader.ts'), 'never agents'],
  ['src/core/a.ts', importing('../linux/cpufreq.ts'), 'core imports nothing'],
  ['src/core/b.ts', importing('node:fs'), 'core imports nothing'],
  ['src/core/c.ts', importing('../../agents/index.ts'), 'core imports nothing'],
  ['src/linux/a.ts', importing('../board/board.ts'), 'linux imports core'],
  ['src/board/a.ts', importing('../network/manifest.ts'), 'board imports core and linux'],
  ['src/network/a.ts', importing('../linux/cpufreq.ts'), 'network imports core'],
  ['src/trace/a.ts', importing('../run/loop.ts'), 'trace, checkpoint, ope and table'],
  ['src/checkpoint/a.ts', importing('../../agents/index.ts'), 'trace, checkpoint, ope and table'],
  ['src/ope/a.ts', importing('../../agents/index.ts'), 'trace, checkpoint, ope and table'],
  ['src/table/a.ts', importing('../board/board.ts'), 'trace, checkpoint, ope and table'],
  ['src/run/a.ts', importing('../cli/print.ts'), 'run imports the floors below it'],
  ['src/report/a.ts', importing('../cli/print.ts'), 'the floors below them'],
  ['agents/d.ts', 'export const now = (): number => Date.now()\n', 'global variable'],
  ['agents/e.ts', 'export const now = (): number => performance.now()\n', 'global variable'],
  ['agents/f.ts', 'export const later = (f: () => void) => setTimeout(f, 1)\n', 'global variable'],
  ['src/core/d.ts', 'export const id = process.pid\n', 'global variable'],
  ['src/trace/b.ts', 'export const now = () => new Date()\n', 'global variable'],
  ['src/ope/b.ts', 'export const now = (): number => Date.now()\n', 'global variable'],
  ['src/run/b.ts', "console.log('here')\n", 'console'],
  ['envs/board/d.ts', "console.log('here')\n", 'console'],
  ['src/cli/b.ts', "console.log('here')\n", 'console'],
  ['agents/g.ts', 'export const luck = Math.random()\n', 'seeded generator'],
  ['src/core/e.ts', 'export const luck = Math.random()\n', 'seeded generator'],
  ['src/cli/a.ts', 'export const luck = Math.random()\n', 'seeded generator'],
  ['envs/board/e.ts', 'export const luck = Math.random()\n', 'seeded generator'],
  ['test/a.test.ts', 'export const luck = Math.random()\n', 'seeded generator'],
]

const allowed: readonly (readonly [file: string, source: string])[] = [
  ['agents/y.ts', importing('../src/core/agent.ts')],
  ['agents/z.ts', importing('../src/network/session.ts')],
  ['envs/board/y.ts', importing('../../src/linux/cpufreq.ts')],
  ['envs/board/z.ts', importing('../../src/board/board.ts')],
  ['src/core/z.ts', importing('./errors.ts')],
  ['src/run/y.ts', importing('../../agents/index.ts')],
  ['src/run/z.ts', importing('../../envs/board/board-env.ts')],
  ['src/cli/y.ts', importing('../run/train.ts')],
  ['bench/z.ts', "console.log('here')\n"],
  ['src/core/clock.ts', 'export const now = (): number => Date.now()\n'],
]

const found = new Map<string, string[]>()
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flyball-house-'))
  for (const part of ['biome.json', '.biome']) cpSync(join(root, part), join(folder, part), { recursive: true })
  for (const [file, source] of [...refused, ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), source)
  }
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.']
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/biome'), args, { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { severity: string; message: string; category: string; location: { path: string } }[] }
  for (const { severity, message, category, location } of diagnostics)
    if (severity === 'error') found.set(location.path, [...(found.get(location.path) ?? []), `${category}: ${message}`])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the linter', () => {
  it.each(refused)('refuses %s: %s', (file, _, reason) => {
    expect(found.get(file) ?? []).toEqual([expect.stringContaining(reason)])
  })

  it.each(allowed)('allows %s: %s', (file) => {
    expect(found.get(file) ?? []).toEqual([])
  })
})
