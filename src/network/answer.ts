import type { Network } from './manifest.ts'

/**
 * Sums the logits of the units whose bit is set in `units` (bit u for unit u) into `out`. `unitLogits` holds unit u's logits at u * classes.
 * Always adds in the order of the units, so that the sum does not depend on which unit was ready first.
 */
export function addLogits(unitLogits: Float32Array, units: number, out: Float32Array): void {
  const classes = out.length
  out.fill(0)
  for (let u = 0, rest = units; rest !== 0; u++, rest >>>= 1) {
    if ((rest & 1) === 0) continue
    const start = u * classes
    for (let k = 0; k < classes; k++) out[k] = (out[k] as number) + (unitLogits[start + k] as number)
  }
}

/** Index of the largest logit: the answer. The first of equals. */
export function indexOfLargest(logits: Float32Array): number {
  let best = 0
  for (let k = 1; k < logits.length; k++) if ((logits[k] as number) > (logits[best] as number)) best = k
  return best
}

/** Softmax of the answer, in [0, 1], with the logits divided by `temperature`: how sure the network is of its likeliest class. */
export function confidenceOf(logits: Float32Array, temperature: number): number {
  const top = logits[indexOfLargest(logits)] as number
  let mass = 0
  for (let k = 0; k < logits.length; k++) mass += Math.exp(((logits[k] as number) - top) / temperature)
  return 1 / mass
}

/** Bit u set for every unit u of a sub-network. */
export function unitBits(network: Pick<Network, 'unitsOf'>, subnet: number): number {
  return network.unitsOf(subnet).reduce((bits, unit) => bits | (1 << unit), 0)
}
