import { FlyballError } from '../../core/errors.ts'
import type { RgbImage } from '../preprocess.ts'

/** Turns an image file into RGB bytes, row after row. `size` crops the middle square (cover) and resizes it; without, the image keeps its own size. */
export type ImageDecoder = (path: string, size?: number) => Promise<RgbImage>

/**
 * Loads the decoder (sharp), which only data sets need. Photographs are turned upright by their EXIF, transparency is dropped, grey becomes RGB.
 * A decoder throws ERR_DATASET naming the file; opening throws ERR_DATASET where sharp has no binary for this machine.
 */
export async function openDecoder(): Promise<ImageDecoder> {
  const { default: sharp } = await import('sharp').catch((error: unknown) => {
    const message = `images cannot be decoded, because sharp does not load here: ${firstLine(error)}; npm install sharp in the folder of flyball fetches its binary`
    throw new FlyballError('ERR_DATASET', message, { cause: error })
  })
  return async (path, size) => {
    try {
      const upright = sharp(path, { failOn: 'error' }).autoOrient()
      const sized = size === undefined ? upright : upright.resize(size, size, { fit: 'cover', position: 'centre' })
      const { data, info } = await sized.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
      return { data, width: info.width, height: info.height, channels: info.channels as 3 }
    } catch (error) {
      throw new FlyballError('ERR_DATASET', `${path} cannot be decoded, expected a PNG or JPEG image: ${firstLine(error)}`, { cause: error })
    }
  }
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] as string
