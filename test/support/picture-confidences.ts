import { addLogits, confidenceOf, unitBits } from '../../src/network/answer.ts'
import type { Network } from '../../src/network/manifest.ts'
import { makeSampleInput } from '../../src/network/sample-input.ts'
import { openSession } from '../../src/network/session.ts'

/** Pictures that the stream of a governed run shows in turn. */
const pictures = 16

/** How sure each sub-network is about each of the stream's pictures: [picture][sub-network]. */
export async function pictureConfidences(network: Network): Promise<number[][]> {
  const { subnets, units, output, input } = network.manifest
  const session = await openSession(network)
  const unitLogits = new Float32Array(units.length * output.classes)
  const logits = new Float32Array(output.classes)
  const confidences: number[][] = []
  for (let picture = 0; picture < pictures; picture++) {
    session.input.set(makeSampleInput(input.shape, picture))
    for (const unit of session.units) unitLogits.set(await session.run(unit), unit * output.classes)
    confidences.push(
      subnets.map(({ temperature }, s) => {
        addLogits(unitLogits, unitBits(network, s), logits)
        return confidenceOf(logits, temperature)
      }),
    )
  }
  await session.close()
  return confidences
}

/** A threshold that the smallest sub-network reaches on half of the pictures. */
export function halfway(confidences: readonly (readonly number[])[]): number {
  const sorted = confidences.map(([first]) => first as number).sort((a, b) => a - b)
  return Number((((sorted[7] as number) + (sorted[8] as number)) / 2).toPrecision(5))
}
