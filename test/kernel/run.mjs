// `npm run test:kernel`: prepares the lab where that is possible, then boots a real kernel and runs flyball in it. Arguments go to vitest. Where there is no lab, why is said, and nothing fails.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))
const node = (args, stdout, env = process.env) => spawnSync(process.execPath, args, { stdio: ['ignore', stdout, 'inherit'], env })
const unavailable = 77

/** Folder of the lab; undefined, with the status to end with, where there is none. */
function prepare() {
  const { status, stdout } = node([path('lab/prepare.mjs')], 'pipe')
  if (status === 0) return stdout.toString().trim()
  if (status === unavailable) console.log('kernel scenarios passed 0 of 0, all skipped')
  process.exitCode = status === unavailable ? 0 : (status ?? 1)
  return undefined
}

const own = process.env.FLYBALL_KERNEL_LAB !== undefined
const lab = own ? undefined : prepare()
if (own || lab !== undefined) {
  const vitest = [path('../../node_modules/vitest/vitest.mjs'), 'run', '--config', path('../../vitest.kernel.config.ts')]
  const { status } = node([...vitest, ...process.argv.slice(2)], 'inherit', { ...process.env, ...(own ? {} : { FLYBALL_KERNEL_CACHE: lab }) })
  process.exitCode = status ?? 1
}
