import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// No test shares an undo journal with a governor that is in charge of this machine.
const stateDir = mkdtempSync(join(tmpdir(), 'flyball-test-state-'))
process.on('exit', () => rmSync(stateDir, { recursive: true, force: true }))

// Real inference, child processes and affinity share the machine: test files run one after the other.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/kernel/**'],
    env: { FLYBALL_STATE_DIR: stateDir },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
