import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { FlyballError } from '../../core/errors.ts'
import { hashOf } from '../manifest.ts'
import { writeFileAtomic } from '../write-file.ts'
import type { EpochState } from './train-group.ts'

/** Where the group at work stood after its last whole epoch. */
export interface SavedEpoch extends EpochState {
  readonly group: number
  /** Time that its epochs took, s. */
  readonly trainedS: number
}

/** Name of the file: a line of JSON, then the arrays as float32, little-endian, one after the other. */
export const epochFile = 'epoch.bin'

const headerSchema = v.object({
  schema: v.literal('flyball-epoch/1'),
  group: v.number(),
  epochs: v.number(),
  trainedS: v.number(),
  lengths: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Of the arrays. */
  sha256: v.string(),
})

export function writeEpoch(out: string, { group, epochs, trainedS, arrays }: SavedEpoch): void {
  const lengths = arrays.map((values) => values.length)
  const bytes = Buffer.alloc(4 * lengths.reduce((a, b) => a + b, 0))
  let at = 0
  for (const values of arrays) for (const x of values) at = bytes.writeFloatLE(x, at)
  const header: v.InferInput<typeof headerSchema> = { schema: 'flyball-epoch/1', group, epochs, trainedS, lengths, sha256: hashOf(bytes) }
  writeFileAtomic(join(out, epochFile), Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]))
}

/** The saved epoch of `group`; undefined when none is there, or only one of a group that is finished. Throws ERR_CHECKPOINT_CORRUPT. */
export function readEpoch(out: string, group: number): SavedEpoch | undefined {
  const path = join(out, epochFile)
  if (!existsSync(path)) return undefined
  const fail = (message: string): never => {
    throw new FlyballError(
      'ERR_CHECKPOINT_CORRUPT',
      `${path} ${message}, expected the last epoch of a training; without the file its group starts over`,
    )
  }
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (error) {
    return fail(`cannot be read (${(error as Error).message})`)
  }
  const end = content.indexOf('\n')
  let json: unknown
  try {
    json = JSON.parse(content.toString('utf8', 0, Math.max(0, end)))
  } catch {
    return fail('does not begin with a line of JSON')
  }
  const parsed = v.safeParse(headerSchema, json)
  if (!parsed.success) return fail(`is of another form: ${parsed.issues[0].message}`)
  const { sha256, lengths, ...rest } = parsed.output
  const bytes = content.subarray(end + 1)
  if (hashOf(bytes) !== sha256) return fail('is cut off or changed: its checksum does not match')
  if (4 * lengths.reduce((a, b) => a + b, 0) !== bytes.length) return fail('lists arrays of other lengths than it holds')
  if (rest.group !== group) return undefined
  let at = 0
  const arrays = lengths.map((length) => {
    const values = Float32Array.from({ length }, (_, i) => bytes.readFloatLE(at + 4 * i))
    at += 4 * length
    return values
  })
  return { group, epochs: rest.epochs, trainedS: rest.trainedS, arrays }
}

export function removeEpoch(out: string): void {
  rmSync(join(out, epochFile), { force: true })
}
