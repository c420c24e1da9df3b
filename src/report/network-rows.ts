import type { Interval } from '../core/statistics.ts'
import { formatQuantity } from '../core/units.ts'
import type { Evaluation, SizeEvaluation } from '../network/evaluation.ts'

export const percent2 = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`
export const macsText = (macs: number | null): string => (macs === null ? '-' : `${(macs / 1e6).toFixed(2)} M`)
export const bytesText = (sizeB: number | null): string =>
  sizeB === null ? '-' : sizeB < 1e6 ? `${Math.round(sizeB / 1e3)} kB` : `${(sizeB / 1e6).toFixed(2)} MB`
/** Percentage points, with sign. */
const points = (ratio: number): string => `${ratio < 0 ? '-' : '+'}${(100 * Math.abs(ratio)).toFixed(2)}`

export const sizeHeader = ['size', 'top-1', 'ECE', 'MACs', 'parameters', 'files', 'resident', 'p50', 'p95', 'p99'] as const

export function sizeRow({ subnet, top1, ece, macs, parameters, sizeB, residentB, latencyS }: SizeEvaluation): string[] {
  const times = [latencyS.p50, latencyS.p95, latencyS.p99].map((valueS) => formatQuantity(valueS, 'time'))
  return [subnet, percent2(top1), percent2(ece), macsText(macs), String(parameters), bytesText(sizeB), bytesText(residentB), ...times]
}

export function sizeNotes({ sizes, dataset, mayBeLearned }: Evaluation): string[] {
  const [first] = sizes
  return [
    `measured on this machine: top-1 and ECE on ${first?.images} images of ${dataset}, latency over ${first?.latencyS.n} inferences in one thread;`,
    first?.residentB === null
      ? 'resident memory: absent'
      : 'resident memory: of a process with the size ready, less a bare one with ONNX Runtime (measured, medians)',
    ...(mayBeLearned ? ['these images may be some that it was trained or calibrated on, which flatters top-1 and ECE: judge it on others'] : []),
  ]
}

/** How the policy compares with a fixed size at the same mean cost, in words. */
export function verdict({ mean, lo, hi }: Interval): string {
  if (lo === hi && mean === 0) return 'the same'
  if (lo > 0) return 'anytime is better'
  return hi < 0 ? 'anytime is worse' : 'not distinguishable'
}

export const anytimeHeader = (sizes: readonly SizeEvaluation[]): string[] => [
  'stop at confidence',
  'top-1',
  'mean confidence',
  'mean MACs',
  ...sizes.map(({ subnet }) => `answered by ${subnet}`),
]

export function anytimeRows({ anytime }: Evaluation): string[][] {
  return anytime.map(({ threshold, top1, confidence, meanMacs, shares }) => [
    String(threshold),
    percent2(top1),
    percent2(confidence),
    macsText(meanMacs),
    ...shares.map((share) => `${(100 * share).toFixed(1)} %`),
  ])
}

export const equalHeader = ['at the mean MACs of', 'fixed size', 'anytime', 'difference', '95 % interval', 'verdict'] as const

export function equalRows({ sizes }: Evaluation): string[][] {
  return sizes.flatMap(({ subnet, top1, anytime }) => {
    if (anytime === null) return []
    const { mean, lo, hi } = anytime.difference
    return [[subnet, percent2(top1), percent2(anytime.top1), points(mean), `${points(lo)} to ${points(hi)}`, verdict(anytime.difference)]]
  })
}

/** One sentence: does stopping early beat the fixed sizes, and where not? */
export function anytimeVerdict({ sizes }: Evaluation): string {
  // At the ends it is the smallest and the largest size itself.
  const compared = sizes.slice(1, -1).flatMap(({ subnet, anytime }) => (anytime === null ? [] : [{ subnet, verdict: verdict(anytime.difference) }]))
  const not = compared.filter((row) => row.verdict !== 'anytime is better')
  if (compared.length === 0) return 'nothing lies between the smallest and the largest size: nothing to compare'
  if (not.length === 0) return `at equal mean MACs anytime is better than the fixed ${compared.map(({ subnet }) => subnet).join(', ')}`
  return `at equal mean MACs anytime is not better than the fixed ${not.map((row) => `${row.subnet} (${row.verdict})`).join(', ')}`
}

export const noAnytime = 'anytime: none, because variants do not add up'
