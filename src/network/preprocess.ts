/** A colour image: bytes RGBRGB…, row after row from the top. With 4 channels the last (alpha) is left out, with 1 it is grey. */
export interface RgbImage {
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}
