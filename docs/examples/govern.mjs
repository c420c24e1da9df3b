// Governs an application's own inference: node docs/examples/govern.mjs runs/demo
import { Governor } from 'flyball'

const governor = await Governor.open(process.argv[2] ?? 'runs/demo')
const image = new Float32Array(3 * 32 * 32) // a camera's picture would go here, normalised

for (let i = 0; i < 20; i++) {
  const { output, outcome, point } = await governor.infer(image)
  if (i === 0) console.log(`first answer: ${output.name}, sub-network ${point.subnet}, ${(outcome.latencyS * 1e3).toFixed(2)} ms`)
}

// The application now needs 43 answers in 50 to be right; answered from the next decision on.
governor.require({ accuracyFloor: 0.86, deadlineS: 0.05 })
const { outcome, point } = await governor.infer(image)
console.log(`with a floor: sub-network ${point.subnet}, deadline ${outcome.deadlineMet ? 'met' : 'missed'}`)

await governor.close()
