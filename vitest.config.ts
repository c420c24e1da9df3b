import { defineConfig } from 'vitest/config'

// Real inference, child processes and affinity share the machine: test files run one after the other.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/kernel/**'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
})
