import { FlyballError } from '../core/errors.ts'
import { endsOf, type UnitInput } from './ends.ts'
import type { NetworkManifest } from './manifest-schema.ts'
import { makeResampling, type Resampling } from './resample.ts'
import { shrinkColour, shrinkGrey, weighRows } from './shrink.ts'

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

type Resize = NonNullable<NetworkManifest['input']['resize']>

interface Target {
  readonly height: number
  readonly width: number
  /** Of number (y, x, c) in the input: y * rows + x * columns + c * planes. */
  readonly rows: number
  readonly columns: number
  readonly planes: number
  readonly size: number
  /** For the image size that was met last. */
  tables?: Tables
}

interface Tables {
  /** Of the image, px. */
  readonly width: number
  readonly height: number
  /** As many columns and rows as the image fills of the input, from (top, left) on. */
  readonly across: Resampling
  readonly down: Resampling
  readonly top: number
  readonly left: number
  /** One row of the input before it is normalised. Reused. */
  readonly row: Float32Array
}

/** Level of the bars beside an image that `contain` leaves: that of YOLO's letter box. */
const bars = 114

export function makePreprocessor(manifest: NetworkManifest): Preprocessor {
  const { resize = 'stretch', channels: order = 'rgb', normalisation, scale } = manifest.input
  const ends = endsOf(manifest)
  const targets = ends.map(({ input }) => targetOf(input))
  const channels = targets[0]?.channels ?? 0
  const gains = Float64Array.from({ length: channels }, (_, c) => (scale ?? 1 / 255) / (normalisation?.std[c] ?? 1))
  const shifts = Float64Array.from({ length: channels }, (_, c) => -(normalisation?.mean[c] ?? 0) / (normalisation?.std[c] ?? 1))
  let narrow = new Float32Array(0)

  const fillBars = ({ size, planes, columns }: Target, bytes: boolean, out: Float32Array): void => {
    for (let c = 0; c < channels; c++) {
      const value = bytes ? bars : bars * (gains[c] as number) + (shifts[c] as number)
      for (let k = c * planes, n = size / channels; n > 0; n--, k += columns) out[k] = value
    }
  }

  const prepare: Preprocessor['prepare'] = (image, unit, out) => {
    const target = targets[unit]?.target as Target
    const bytes = ends[unit]?.input.dtype === 'uint8'
    const { across, down, top, left, row } = tablesFor(target, image, resize, channels)
    const width = across.first.length
    const height = down.first.length
    const needed = image.height * width * channels
    if (narrow.length < needed) narrow = new Float32Array(needed)
    const from = down.first[0] as number
    const to = (down.first.at(-1) as number) + (down.count.at(-1) as number)
    if (channels === 1) shrinkGrey(image, across, width, from, to, narrow)
    else shrinkColour(image, across, width, from, to, narrow)
    if (width < target.width || height < target.height) fillBars(target, bytes, out)
    const length = width * channels
    for (let y = 0; y < height; y++) {
      weighRows(down, y, narrow, row)
      const start = (top + y) * target.rows + left * target.columns
      for (let c = 0; c < channels; c++) {
        const own = order === 'bgr' ? channels - 1 - c : c
        const gain = bytes ? 1 : (gains[own] as number)
        const shift = bytes ? 0 : (shifts[own] as number)
        for (let k = c, at = start + own * target.planes; k < length; k += channels, at += target.columns) out[at] = (row[k] as number) * gain + shift
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
    ? { channels: a, target: { height: b, width: c, rows: c, columns: 1, planes: b * c, size: a * b * c } }
    : { channels: c, target: { height: a, width: b, rows: b * c, columns: c, planes: 1, size: a * b * c } }
}

function tablesFor(target: Target, { width, height }: RgbImage, resize: Resize, channels: number): Tables {
  const kept = target.tables
  if (kept !== undefined && kept.width === width && kept.height === height) return kept
  // Cover keeps the largest part from the middle that has the input's proportions.
  const wide = resize === 'cover' ? Math.min(width, (height * target.width) / target.height) : width
  const high = resize === 'cover' ? Math.min(height, (width * target.height) / target.width) : height
  // Contain keeps all of the image in its own proportions.
  const ratio = Math.min(target.width / width, target.height / height)
  const columns = resize === 'contain' ? Math.max(1, Math.round(width * ratio)) : target.width
  const rows = resize === 'contain' ? Math.max(1, Math.round(height * ratio)) : target.height
  target.tables = {
    width,
    height,
    across: makeResampling(width, (width - wide) / 2, wide, columns),
    down: makeResampling(height, (height - high) / 2, high, rows),
    top: Math.floor((target.height - rows) / 2),
    left: Math.floor((target.width - columns) / 2),
    row: new Float32Array(columns * channels),
  }
  return target.tables
}

function checkImage(image: RgbImage): void {
  // From JavaScript anything may come; numbers that were scaled already would pass for bytes.
  if (!(image?.data instanceof Uint8Array || image?.data instanceof Uint8ClampedArray))
    throw new FlyballError(
      'ERR_NETWORK_SHAPE',
      'the input is no image, expected { data, width, height, channels } with bytes in a Uint8Array, or prepared numbers in a Float32Array',
    )
  const { data, width, height, channels } = image
  const sized = [width, height].every((size) => Number.isInteger(size) && size > 0) && [1, 3, 4].includes(channels)
  if (sized && data.length === width * height * channels) return
  const expected = sized ? `${width * height * channels}` : 'whole sizes above 0 and 1, 3 or 4 channels'
  throw new FlyballError('ERR_NETWORK_SHAPE', `the image has ${data.length} bytes for ${width} x ${height} x ${channels}, expected ${expected}`)
}
