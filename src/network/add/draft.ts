import { FlyballError } from '../../core/errors.ts'
import { manifestSchemaName, type NetworkManifest } from '../manifest-schema.ts'
import type { Candidate } from './inspect.ts'

/** What the outputs are: `auto` looks, `none` are no class scores. */
export type Scores = 'auto' | 'logits' | 'probabilities' | 'none'

/** How images become inputs; the fields of the manifest's `input`. */
export interface Preprocessing {
  readonly resize: 'stretch' | 'cover' | 'contain'
  readonly channels: 'rgb' | 'bgr'
  readonly scale?: number | undefined
  /** One number for all channels, or one each. */
  readonly mean?: readonly number[] | undefined
  readonly std?: readonly number[] | undefined
}

/**
 * Classes that all candidates tell apart, 0 when their outputs are no class scores. Throws ERR_NETWORK_SHAPE, naming the file, when the candidates differ,
 * or are no classifiers and have to be.
 */
export function settleScores(candidates: readonly Candidate[], scores: Scores, labelled: boolean): number {
  if (scores === 'none' && labelled)
    throw new FlyballError('ERR_USAGE', '--scores none goes without --data: accuracy is measured on class scores; give it with --accuracy')
  if (scores === 'none') return 0
  const other = candidates.find(({ classes }) => classes === 0)
  if (other !== undefined) {
    if (scores === 'auto' && !labelled) return 0
    const shapes = other.outputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')
    throw new FlyballError(
      'ERR_NETWORK_SHAPE',
      `${other.path} gives ${shapes}, expected class scores: one output of shape [1, classes]; for other outputs leave out --data and give --accuracy`,
    )
  }
  const [first] = candidates as [Candidate, ...Candidate[]]
  const differs = candidates.find(({ classes }) => classes !== first.classes)
  if (differs !== undefined)
    throw new FlyballError(
      'ERR_NETWORK_SHAPE',
      `${differs.path} tells ${differs.classes} classes apart and ${first.path} ${first.classes}, expected one task`,
    )
  return first.classes
}

export interface DraftInput {
  readonly name: string
  readonly candidates: readonly Candidate[]
  readonly classes: number
  readonly labels: readonly string[]
  readonly scores: Scores
  readonly preprocessing: Preprocessing
}

/** The manifest before anything was measured: a unit and a sub-network for each candidate. What all share stands above, what is its own with the unit. */
export function draftManifest({ name, candidates, classes, labels, scores, preprocessing }: DraftInput): NetworkManifest {
  const [first] = candidates as [Candidate, ...Candidate[]]
  const channelsOf = ({ input: { layout, shape } }: Candidate): number => shape[layout === 'NCHW' ? 1 : 3] as number
  const channels = channelsOf(first)
  const differs = candidates.find((candidate) => channelsOf(candidate) !== channels)
  if (differs !== undefined)
    throw new FlyballError(
      'ERR_NETWORK_SHAPE',
      `${differs.path} takes ${channelsOf(differs)} channels and ${first.path} ${channels}, expected one task`,
    )
  const kindOf = (candidate: Candidate): 'logits' | 'probabilities' =>
    scores === 'auto' ? (candidate.probabilities ? 'probabilities' : 'logits') : scores === 'probabilities' ? 'probabilities' : 'logits'
  const { resize, channels: order, scale } = preprocessing
  const normalisation = normalisationOf(candidates, preprocessing, channels)
  const [output] = first.outputs
  return {
    schema: manifestSchemaName,
    name,
    kind: 'variants',
    input: {
      name: first.input.name,
      shape: [...first.input.shape],
      dtype: first.input.dtype,
      layout: first.input.layout,
      resize,
      channels: order,
      ...(scale === undefined ? {} : { scale }),
      ...(normalisation === undefined ? {} : { normalisation }),
    },
    output: { name: output?.name as string, classes, labels: [...labels], ...(classes === 0 ? {} : { scores: kindOf(first) }) },
    units: candidates.map((candidate) => ({
      file: `${candidate.name}.onnx`,
      sha256: candidate.sha256,
      sizeB: candidate.sizeB,
      parameters: candidate.parameters,
      ...(sameInput(candidate, first) ? {} : { input: { ...candidate.input, shape: [...candidate.input.shape] } }),
      ...(classes > 0 && sameOutputs(candidate, [{ name: output?.name as string, shape: [1, classes] }])
        ? {}
        : { outputs: candidate.outputs.map((each) => ({ name: each.name, shape: [...each.shape] })) }),
      ...(classes > 0 && kindOf(candidate) !== kindOf(first) ? { scores: kindOf(candidate) } : {}),
    })),
    subnets: candidates.map((candidate, u) => ({
      name: candidate.name,
      units: [u],
      parameters: candidate.parameters,
      accuracy: { top1: 0, images: 0, quality: 'estimated' },
      temperature: 1,
    })),
  }
}

const sameInput = (a: Candidate, b: Candidate): boolean => JSON.stringify(a.input) === JSON.stringify(b.input)
const sameOutputs = (a: Candidate, outputs: Candidate['outputs']): boolean => JSON.stringify(a.outputs) === JSON.stringify(outputs)

function normalisationOf(
  candidates: readonly Candidate[],
  { mean, std, scale }: Preprocessing,
  channels: number,
): { mean: number[]; std: number[] } | undefined {
  if ((mean ?? std ?? scale) !== undefined && candidates.every(({ input }) => input.dtype === 'uint8'))
    throw new FlyballError('ERR_USAGE', '--mean, --std and --scale change nothing here, because bytes enter a uint8 input as they are')
  if (mean === undefined && std === undefined) return undefined
  const each = (values: readonly number[] | undefined, option: string, missing: number): number[] => {
    const given = values ?? [missing]
    if (given.length !== 1 && given.length !== channels)
      throw new FlyballError('ERR_USAGE', `${option} has ${given.length} numbers, expected 1 or ${channels}, one a channel`)
    return Array.from({ length: channels }, (_, c) => (given.length === 1 ? given[0] : given[c]) as number)
  }
  return { mean: each(mean, '--mean', 0), std: each(std, '--std', 1) }
}
