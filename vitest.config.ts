import { defineConfig } from 'vitest/config'

// Real inference, child processes and affinity share the machine: test files run one after the other.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
})
