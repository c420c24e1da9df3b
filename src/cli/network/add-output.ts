import { formatQuantity } from '../../core/units.ts'
import type { AddedVariant, AddResult } from '../../network/add/add-network.ts'
import { endsOf, type UnitEnds } from '../../network/ends.ts'
import { bytesText, percent2 } from '../../report/network-rows.ts'
import { formatTable } from '../print.ts'

const qualityOf = ({ judged }: AddedVariant): 'measured' | 'estimated' => (judged === undefined ? 'estimated' : 'measured')

/** What `--json` prints; docs/own-networks.md lists the fields. */
export function addDocument(out: string, { network, kept, dropped }: AddResult): object {
  const ends = endsOf(network.manifest)
  return {
    network: out,
    signature: network.signature,
    variants: kept.map((variant, u) => {
      const { input, outputs } = ends[u] as UnitEnds
      const { candidate, judged, latencies, accuracy, name } = variant
      return {
        name,
        accuracy,
        accuracyQuality: qualityOf(variant),
        images: judged?.images ?? 0,
        temperature: judged?.temperature ?? 1,
        calibration: judged?.calibration ?? null,
        latencyS: latencies,
        parameters: candidate.parameters,
        sizeB: candidate.sizeB,
        input,
        outputs,
      }
    }),
    dropped: dropped.map(({ variant, by }) => ({
      name: variant.name,
      by: by.name,
      accuracy: variant.accuracy,
      accuracyQuality: qualityOf(variant),
      latencyS: variant.latencies,
    })),
  }
}

export function addLines(out: string, { network, kept, dropped }: AddResult): string[] {
  const [first] = kept as [AddedVariant, ...AddedVariant[]]
  const time = (valueS: number | null): string => (valueS === null ? '-' : formatQuantity(valueS, 'time'))
  const rows = kept.map(({ name, accuracy, latencies, candidate, judged }) => [
    name,
    percent2(accuracy),
    time(latencies.p50),
    time(latencies.p95),
    judged?.calibration === undefined ? '-' : percent2(judged.calibration.ece),
    String(candidate.parameters),
    bytesText(candidate.sizeB),
  ])
  return [
    ...formatTable([['variant', `accuracy (${qualityOf(first)})`, 'p50', 'p95', 'ECE', 'parameters', 'file'], ...rows]),
    ...notesOf(first, network.manifest.output.classes),
    ...dropped.map(
      ({ variant, by }) =>
        `left out ${variant.name}: ${by.name} is no slower (${time(by.latencyS)} against ${time(variant.latencyS)}) and no less accurate (${percent2(by.accuracy)} against ${percent2(variant.accuracy)})`,
    ),
    '',
    `next: flyball train --network ${out} --out runs/first`,
  ]
}

function notesOf({ judged, latencies }: AddedVariant, classes: number): string[] {
  const timing = `latency: of this machine, ${latencies.n} inferences each in one thread`
  if (classes === 0) return [timing, 'outputs are no class scores: no label, no confidence']
  if (judged === undefined) return [timing, 'accuracy: as given; confidence: not calibrated, --data would calibrate it']
  const { calibration, images } = judged
  if (calibration === undefined) return [timing, `accuracy: ${images} images; confidence: not calibrated, too few images to fit and to check it`]
  return [
    timing,
    `accuracy: ${images} images; temperature fitted on ${calibration.fittedOn} of them, ECE measured on the other ${calibration.images}`,
  ]
}
