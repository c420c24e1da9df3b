import { FlyballError } from '../core/errors.ts'
import { endsOf, type UnitInput } from './ends.ts'
import type { NetworkManifest } from './manifest-schema.ts'
import { makeResampling, type Resampling } from './resample.ts'

/** An image: bytes RGBRGB…, row after row from the top. With 4 channels the last (alpha) is left out, 1 is grey. */
export interface RgbImage {
  readonly data: Uint8Array | Uint8ClampedArray
  /** px. */
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** Makes inputs of images as a manifest says. */
export interface Preprocessor {
  /** Throws ERR_NETWORK_SHAPE for bytes that do not fit the image's size, or a network that takes no images. */
  check(image: RgbImage): void
  /**
   * Writes an image that passed `check` as the input of unit `unit` from the start of `out`: resized, channels in the network's order, scaled and normalised, in the unit's
   * own height, width and layout. Tables for one image size are kept, so that a stream of images of one size allocates nothing.
   */
  prepare(image: RgbImage, unit: number, out: Float32Array): void
}

interface Target {
  readonly height: number
  readonly width: number
  /** Of number (y, x, c) in the input: y * rows + x * columns + c * planes. */
  readonly rows: number
  readonly columns: number
  readonly planes: number
  /** For the image size that was met last. */
  tables?: { readonly width: number; readonly height: number; readonly across: Resampling; readonly down: Resampling }
}

/** Rec. 601: what a grey picture takes of red, green and blue. */
const luma = [0.299, 0.587, 0.114] as const

export function makePreprocessor(manifest: NetworkManifest): Preprocessor {
  const { resize = 'stretch', channels: order = 'rgb', normalisation, scale } = manifest.input
  const ends = endsOf(manifest)
  const targets = ends.map(({ input }) => targetOf(input))
  const channels = targets[0]?.channels ?? 0
  const gains = Float64Array.from({ length: channels }, (_, c) => (scale ?? 1 / 255) / (normalisation?.std[c] ?? 1))
  const shifts = Float64Array.from({ length: channels }, (_, c) => -(normalisation?.mean[c] ?? 0) / (normalisation?.std[c] ?? 1))
  let narrow = new Float32Array(0)

  const prepare: Preprocessor['prepare'] = (image, unit, out) => {
    const target = targets[unit]?.target as Target
    const bytes = ends[unit]?.input.dtype === 'uint8'
    const { across, down } = tablesFor(target, image, resize)
    const { width } = target
    const needed = image.height * width * channels
    if (narrow.length < needed) narrow = new Float32Array(needed)
    const from = down.first[0] as number
    const to = (down.first.at(-1) as number) + (down.count.at(-1) as number)
    if (channels === 1) shrinkGrey(image, across, width, from, to, narrow)
    else shrinkColour(image, across, width, from, to, narrow)
    for (let y = 0; y < target.height; y++) {
      const first = down.first[y] as number
      const count = down.count[y] as number
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          let sum = 0
          for (let j = 0; j < count; j++)
            sum += (down.weights[y * down.most + j] as number) * (narrow[((first + j) * width + x) * channels + c] as number)
          const own = order === 'bgr' ? channels - 1 - c : c
          const value = bytes ? sum : sum * (gains[own] as number) + (shifts[own] as number)
          out[y * target.rows + x * target.columns + own * target.planes] = value
        }
    }
  }

  return {
    check(image) {
      if (channels !== 1 && channels !== 3) {
        const shape = ends[0]?.input.shape.join(', ')
        throw new FlyballError('ERR_NETWORK_SHAPE', `${manifest.name} takes [${shape}], no image of 1 or 3 channels: give it the prepared numbers`)
      }
      checkImage(image)
    },
    prepare,
  }
}

function targetOf({ shape, layout }: UnitInput): { target: Target | undefined; channels: number } {
  if (shape.length !== 4) return { target: undefined, channels: 0 }
  const [, a, b, c] = shape as [number, number, number, number]
  return layout === 'NCHW'
    ? { channels: a, target: { height: b, width: c, rows: c, columns: 1, planes: b * c } }
    : { channels: c, target: { height: a, width: b, rows: b * c, columns: c, planes: 1 } }
}

function tablesFor(target: Target, { width, height }: RgbImage, resize: 'stretch' | 'cover'): { across: Resampling; down: Resampling } {
  const kept = target.tables
  if (kept !== undefined && kept.width === width && kept.height === height) return kept
  // Cover keeps the largest part from the middle that has the input's proportions.
  const wide = resize === 'cover' ? Math.min(width, (height * target.width) / target.height) : width
  const high = resize === 'cover' ? Math.min(height, (width * target.height) / target.width) : height
  target.tables = {
    width,
    height,
    across: makeResampling(width, (width - wide) / 2, wide, target.width),
    down: makeResampling(height, (height - high) / 2, high, target.height),
  }
  return target.tables
}

/** Rows `from` to `to` of the image at the target's width, three channels. */
function shrinkColour({ data, width, channels }: RgbImage, across: Resampling, columns: number, from: number, to: number, out: Float32Array) {
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2]
  for (let y = from; y < to; y++)
    for (let x = 0; x < columns; x++) {
      let r = 0
      let g = 0
      let b = 0
      const count = across.count[x] as number
      let at = (y * width + (across.first[x] as number)) * channels
      for (let j = 0; j < count; j++, at += channels) {
        const weight = across.weights[x * across.most + j] as number
        r += weight * (data[at] as number)
        g += weight * (data[at + green] as number)
        b += weight * (data[at + blue] as number)
      }
      const start = (y * columns + x) * 3
      out[start] = r
      out[start + 1] = g
      out[start + 2] = b
    }
}

function shrinkGrey({ data, width, channels }: RgbImage, across: Resampling, columns: number, from: number, to: number, out: Float32Array) {
  for (let y = from; y < to; y++)
    for (let x = 0; x < columns; x++) {
      let sum = 0
      const count = across.count[x] as number
      let at = (y * width + (across.first[x] as number)) * channels
      for (let j = 0; j < count; j++, at += channels) {
        const light =
          channels === 1
            ? (data[at] as number)
            : luma[0] * (data[at] as number) + luma[1] * (data[at + 1] as number) + luma[2] * (data[at + 2] as number)
        sum += (across.weights[x * across.most + j] as number) * light
      }
      out[y * columns + x] = sum
    }
}

function checkImage({ data, width, height, channels }: RgbImage): void {
  const sized = [width, height].every((size) => Number.isInteger(size) && size > 0) && [1, 3, 4].includes(channels)
  if (sized && data.length === width * height * channels) return
  const expected = sized ? `${width * height * channels}` : 'whole sizes above 0 and 1, 3 or 4 channels'
  throw new FlyballError('ERR_NETWORK_SHAPE', `the image has ${data.length} bytes for ${width} x ${height} x ${channels}, expected ${expected}`)
}
