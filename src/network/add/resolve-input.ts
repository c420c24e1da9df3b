import type { InferenceSession } from 'onnxruntime-node'
import { FlyballError } from '../../core/errors.ts'
import type { UnitInput } from '../ends.ts'

type Layout = UnitInput['layout']

/**
 * The input of a file with everything that it leaves open resolved: batch 1, the layout from where 1 or 3 channels stand, height and width from `size`.
 * Throws ERR_NETWORK_SHAPE for what is no image input, ERR_USAGE where `--layout` or `--size` has to say something.
 */
export function resolveInput(
  path: string,
  inputs: readonly InferenceSession.ValueMetadata[],
  layout: Layout | undefined,
  size: readonly [height: number, width: number] | undefined,
): UnitInput {
  const found = inputs.map((each) => (each.isTensor ? `${each.type} ${each.name} [${each.shape.join(', ')}]` : each.name)).join('; ')
  const refuse = (expected: string): never => {
    throw new FlyballError('ERR_NETWORK_SHAPE', `${path} takes ${found || 'nothing'}, expected ${expected}`)
  }
  const [value] = inputs
  if (inputs.length !== 1 || value?.isTensor !== true) return refuse('one input, an image')
  const { name, type, shape } = value
  if (type !== 'float32' && type !== 'uint8') return refuse('float32 or uint8')
  if (shape.length !== 4) return refuse('four sizes: batch, channels, height, width, or batch, height, width, channels')
  const [batch, ...rest] = shape.map((each) => (typeof each === 'number' && each > 0 ? each : undefined))
  if (batch !== undefined && batch !== 1) return refuse('a batch of 1, or one that is left open')
  const settled = layout ?? layoutOf(path, found, rest)
  const [channels = 3, high, wide] = settled === 'NCHW' ? rest : [rest[2], rest[0], rest[1]]
  if (channels !== 1 && channels !== 3) return refuse(`1 or 3 channels in the layout ${settled}`)
  const [height, width] = [high ?? size?.[0], wide ?? size?.[1]]
  if (height === undefined || width === undefined)
    throw new FlyballError(
      'ERR_USAGE',
      `${path} takes ${found}, which leaves height or width open, expected --size, e.g. --size 224 or --size 480x640`,
    )
  return { name, dtype: type, layout: settled, shape: settled === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels] }
}

function layoutOf(path: string, found: string, [first, , last]: readonly (number | undefined)[]): Layout {
  const [front, back] = [first, last].map((size) => size === 1 || size === 3)
  if (front !== back) return front ? 'NCHW' : 'NHWC'
  throw new FlyballError('ERR_USAGE', `${path} takes ${found}, which does not tell where the channels are, expected --layout NCHW or --layout NHWC`)
}
