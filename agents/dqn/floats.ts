import { FlyballError } from '../../src/core/errors.ts'

/** Numbers as text: float32, little-endian, base64. A third more than their bytes, where decimal digits take three times as much. */
export function floatsToText(values: Float32Array): string {
  const bytes = Buffer.alloc(4 * values.length)
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i] as number, 4 * i)
  return bytes.toString('base64')
}

/** The reverse, into `out[0 …]`. Throws ERR_CHECKPOINT_CORRUPT when there are not `count` numbers. */
export function floatsFromText(text: string, out: Float32Array, count: number, what: string): void {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== 4 * count || count > out.length)
    throw new FlyballError(
      'ERR_CHECKPOINT_CORRUPT',
      `agent dqn: ${what} holds ${bytes.length} B, expected ${count} numbers of 4 B: was it made with other options?`,
    )
  for (let i = 0; i < count; i++) out[i] = bytes.readFloatLE(4 * i)
}
