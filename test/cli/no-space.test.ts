import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

it('says that there is no room, and not that flyball is at fault, when a trace meets a limit of file sizes', () => {
  const args = ['record', '--env', 'sim:rk3399@steady', '--explore', 'epsilon:0.2', '--steps', '3000', '--out', 'log']
  // 128 blocks of 1 KiB, and the signal that comes with it ignored, as Node does.
  const { status, stderr } = spawnSync('bash', ['-c', `ulimit -f 128; exec "$0" "$@"`, process.execPath, main, ...args], {
    cwd: place.dir,
    encoding: 'utf8',
    env: { ...process.env, FLYBALL_STATE_DIR: place.stateDir },
  })
  expect(stderr).toMatch(/^flyball: no room for what this command writes \(EFBIG.*\[ERR_NO_SPACE\]$/m)
  expect(stderr).not.toContain('    at ')
  expect(status).toBe(4)
  expect(existsSync(place.path('log/trace.jsonl'))).toBe(true)
})
