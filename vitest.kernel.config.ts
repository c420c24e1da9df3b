import { defineConfig } from 'vitest/config'
import type { Reporter } from 'vitest/node'

const count: Reporter = {
  onTestRunEnd(modules) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const tried = states.filter((state) => state !== 'skipped').length
    const passed = states.filter((state) => state === 'passed').length
    process.stdout.write(`kernel scenarios passed ${passed} of ${tried}${tried < states.length ? `, ${states.length - tried} skipped` : ''}\n`)
  },
}

// Each file boots a machine of its own: one after the other, as each takes all cores.
export default defineConfig({
  test: { include: ['test/kernel/**/*.test.ts'], fileParallelism: false, testTimeout: 60_000, reporters: ['default', count] },
})
