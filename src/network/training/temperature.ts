/** Mean negative log-likelihood, nats, of the labels under softmax(logits / temperature); logits are [n, classes]. */
export function meanNll(logits: ArrayLike<number>, labels: ArrayLike<number>, temperature: number): number {
  const classes = logits.length / labels.length
  let sum = 0
  for (let n = 0; n < labels.length; n++) {
    const row = n * classes
    let top = Number.NEGATIVE_INFINITY
    for (let k = 0; k < classes; k++) top = Math.max(top, logits[row + k] as number)
    let mass = 0
    for (let k = 0; k < classes; k++) mass += Math.exp(((logits[row + k] as number) - top) / temperature)
    sum += Math.log(mass) - ((logits[row + (labels[n] as number)] as number) - top) / temperature
  }
  return sum / labels.length
}

const lowest = 0.1
const highest = 10

/**
 * The temperature in [0.1, 10] under which held-out labels are likeliest (temperature scaling: Guo, Pleiss, Sun and Weinberger,
 * "On calibration of modern neural networks", 2017). The likelihood has one maximum in 1/T, so golden sections find it.
 */
export function fitTemperature(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const golden = (Math.sqrt(5) - 1) / 2
  let low = Math.log(lowest)
  let high = Math.log(highest)
  const at = (logT: number): number => meanNll(logits, labels, Math.exp(logT))
  let left = high - golden * (high - low)
  let right = low + golden * (high - low)
  let atLeft = at(left)
  let atRight = at(right)
  while (high - low > 1e-4) {
    if (atLeft <= atRight) {
      high = right
      right = left
      atRight = atLeft
      left = high - golden * (high - low)
      atLeft = at(left)
    } else {
      low = left
      left = right
      atLeft = atRight
      right = low + golden * (high - low)
      atRight = at(right)
    }
  }
  return Math.exp((low + high) / 2)
}
