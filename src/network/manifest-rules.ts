import type { NetworkManifest } from './manifest-schema.ts'

type Subnet = NetworkManifest['subnets'][number]

/** What the parts of a manifest must be to each other: the first thing wrong, naming the field, or undefined. */
export function problemOf(manifest: NetworkManifest): string | undefined {
  return problemOfEnds(manifest) ?? problemOfUnits(manifest) ?? problemOfSubnets(manifest)
}

function problemOfEnds({ kind, input, output }: NetworkManifest): string | undefined {
  if (output.labels.length !== output.classes) return `output.labels has ${output.labels.length} names, expected ${output.classes} (output.classes)`
  if (output.classes === 0 && kind === 'increments') return 'output.classes is 0, expected class scores, because those of increments add up'
  if (kind === 'increments' && output.scores === 'probabilities')
    return 'output.scores is probabilities, expected logits, because those of increments add up'
  const channels = channelsOf(input.shape, input.layout)
  for (const [name, values] of Object.entries(input.normalisation ?? {}))
    if (values.length !== channels) return `input.normalisation.${name} has ${values.length} numbers, expected ${channels}, one per channel`
  return undefined
}

function problemOfUnits({ kind, input, output, units }: NetworkManifest): string | undefined {
  const channels = channelsOf(input.shape, input.layout)
  for (const [u, unit] of units.entries()) {
    const { shape = input.shape, layout = input.layout } = unit.input ?? {}
    if (kind === 'increments') {
      const own = (['input', 'outputs'] as const).find((end) => unit[end] !== undefined)
      if (own !== undefined) return `units.${u}.${own} is its own, expected none, because increments share input and output`
      if (unit.macs === undefined) return `units.${u}.macs is missing, expected multiply-accumulates`
      continue
    }
    if (shape.length !== input.shape.length)
      return `units.${u}.input.shape has ${shape.length} sizes, expected ${input.shape.length} as in input.shape`
    if (channelsOf(shape, layout) !== channels)
      return `units.${u}.input takes ${channelsOf(shape, layout)} channels, expected ${channels} as in input.shape`
    if (output.classes === 0 && unit.outputs === undefined)
      return `units.${u}.outputs is missing, expected names and shapes, because output.classes is 0`
    const counts = unit.outputs?.map((each) => each.shape.reduce((a, b) => a * b, 1))
    if (output.classes > 0 && counts !== undefined && (counts.length !== 1 || counts[0] !== output.classes))
      return `units.${u}.outputs holds ${counts.join(' and ')} numbers, expected one output of ${output.classes} class scores (output.classes)`
  }
  return undefined
}

const channelsOf = (shape: readonly number[], layout: 'NCHW' | 'NHWC' = 'NCHW'): number | undefined => (layout === 'NHWC' ? shape.at(-1) : shape[1])

function problemOfSubnets({ kind, units, subnets }: NetworkManifest): string | undefined {
  const measure = costMeasure(subnets)
  if (kind === 'increments' && measure !== 'macs') return `subnets.${subnets.findIndex(({ macs }) => macs === undefined)}.macs is missing`
  for (const [s, subnet] of subnets.entries()) {
    const field = `subnets.${s}`
    if (subnets.findIndex(({ name }) => name === subnet.name) !== s) return `${field}.name '${subnet.name}' is taken by another sub-network`
    const missing = subnet.units.find((unit) => unit >= units.length)
    if (missing !== undefined) return `${field}.units names unit ${missing}, expected 0 to ${units.length - 1}`
    if (kind === 'increments' && subnet.units.some((unit, i) => unit !== i))
      return `${field}.units is ${subnet.units.join(', ')}, expected the first units in order, because increments add up`
    if (kind === 'variants' && subnet.units.length !== 1) return `${field}.units has ${subnet.units.length} units, expected one of a variant`
    if (subnet[measure] === undefined) return `${field}.latencyS is missing, expected a time, because not every sub-network has macs`
    if (subnet.accuracy.quality === 'measured' && subnet.accuracy.images === 0)
      return `${field}.accuracy.images is 0, expected the images it was measured on, or quality estimated`
    const before = subnets[s - 1]
    if (before !== undefined && (before[measure] as number) > (subnet[measure] as number))
      return `${field}.${measure} is below that of ${before.name}, expected sub-networks in order of cost`
  }
  return undefined
}

/** What orders sub-networks by cost: multiply-accumulates where all are known, else the measured latency. */
export function costMeasure(subnets: readonly Subnet[]): 'macs' | 'latencyS' {
  return subnets.every(({ macs }) => macs !== undefined) ? 'macs' : 'latencyS'
}

/** Cost of each sub-network as a share of the most expensive one's, in (0, 1]. */
export function costShares(subnets: readonly Subnet[]): number[] {
  const measure = costMeasure(subnets)
  const costs = subnets.map((subnet) => subnet[measure] as number)
  const most = Math.max(...costs)
  return costs.map((cost) => cost / most)
}
