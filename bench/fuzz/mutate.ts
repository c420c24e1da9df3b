import type { Rng } from '../../src/core/rng.ts'
import { hostileWord } from './hostile.ts'
import { type JsonSeed, jsonSeed, mutateJson } from './mutate-json.ts'
import type { FuzzedParser } from './parser.ts'

/** Makes mutants of valid inputs: the same generator gives the same mutant. */
export type Mutator = (rng: Rng) => Buffer

/** Mutants never grow without bound: files of that size are tried where a giant is asked for. */
const mostB = 1 << 20

export function makeMutator({ form, seal }: Pick<FuzzedParser, 'form' | 'seal'>, corpus: readonly Buffer[]): Mutator {
  const seeds = form === 'json' ? corpus.map((bytes) => jsonSeed(bytes.toString('utf8'))) : []
  const lines = form === 'lines' ? corpus.map(linesOf) : []
  return (rng) => {
    const which = rng.int(corpus.length)
    const [source, other] = [corpus[which] as Buffer, corpus[rng.int(corpus.length)] as Buffer]
    // Four of five mutants of JSON keep its form, or nothing but the end of a broken document would be tried.
    if (form === 'json' && rng.int(5) > 0) {
      let seed = seeds[which] as JsonSeed
      let text = mutateJson(seed, rng)
      for (let more = rng.int(3); more > 0 && text.length < 20_000; more--) {
        try {
          JSON.parse(text)
          seed = jsonSeed(text)
        } catch {
          break
        }
        text = mutateJson(seed, rng)
      }
      const bytes = Buffer.from(text)
      return seal !== undefined && rng.int(8) > 0 ? seal(bytes) : bytes
    }
    // The others lose, repeat and break lines.
    if (form === 'lines' && rng.int(5) > 1) return mutateLine(lines[which] as readonly JsonSeed[], rng)
    let bytes: Buffer = source
    for (let changes = 1 + rng.int(4); changes > 0; changes--)
      bytes = form === 'bytes' ? mutateBytes(bytes, other, rng) : mutateText(bytes, other, rng)
    return bytes.length > mostB ? bytes.subarray(0, mostB) : bytes
  }
}

const linesOf = (bytes: Buffer): JsonSeed[] => bytes.toString('utf8').split('\n').filter(Boolean).map(jsonSeed)

/** One line changed as JSON; now and then another line stands in its place. */
function mutateLine(lines: readonly JsonSeed[], rng: Rng): Buffer {
  const texts = lines.map(({ text }) => text)
  const at = rng.int(lines.length)
  texts[at] = rng.int(10) === 0 ? (texts[rng.int(lines.length)] as string) : mutateJson(lines[at] as JsonSeed, rng)
  return Buffer.from(`${texts.join('\n')}\n`)
}

function mutateText(bytes: Buffer, other: Buffer, rng: Rng): Buffer {
  const at = rng.int(bytes.length + 1)
  switch (rng.int(6)) {
    case 0:
      return splice(bytes, at, at, Buffer.from(hostileWord(rng)))
    case 1: {
      // A word of the text becomes another.
      const from = wordStart(bytes, at)
      return splice(bytes, from, wordEnd(bytes, from), Buffer.from(hostileWord(rng)))
    }
    case 2: {
      // A line goes, or stands twice.
      const from = bytes.lastIndexOf(10, at - 1) + 1
      const end = bytes.indexOf(10, at)
      const to = end < 0 ? bytes.length : end + 1
      return rng.int(2) === 0 ? splice(bytes, from, to, Buffer.alloc(0)) : splice(bytes, to, to, bytes.subarray(from, to))
    }
    default:
      return mutateBytes(bytes, other, rng)
  }
}

const wordByte = (byte: number | undefined): boolean => byte !== undefined && byte > 32 && byte !== 44 && byte !== 45

function wordStart(bytes: Buffer, at: number): number {
  let from = at
  while (wordByte(bytes[from - 1])) from--
  return from
}

function wordEnd(bytes: Buffer, from: number): number {
  let to = from
  while (wordByte(bytes[to])) to++
  return to
}

/** What disks, cables and kills do: flipped bits, zeros, ones, cut ends, pieces that are lost, doubled or of another file. */
function mutateBytes(bytes: Buffer, other: Buffer, rng: Rng): Buffer {
  const at = rng.int(bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + rng.int(rng.int(8) === 0 ? bytes.length + 1 : 16))
  switch (rng.int(9)) {
    case 0:
    case 1: {
      const flipped = Buffer.from(bytes)
      if (at < flipped.length) flipped[at] = (flipped[at] as number) ^ (1 << rng.int(8))
      return flipped
    }
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return splice(bytes, at, to, Buffer.alloc(to - at))
    case 4:
      return splice(bytes, at, to, Buffer.alloc(to - at, 255))
    case 5:
      return splice(bytes, at, to, Buffer.alloc(0))
    case 6:
      return splice(bytes, at, at, bytes.subarray(at, to))
    case 7:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(rng.int(other.length + 1))])
    default:
      return splice(bytes, at, to, Buffer.from(Array.from({ length: to - at }, () => rng.int(256))))
  }
}

const splice = (bytes: Buffer, from: number, to: number, what: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), what, bytes.subarray(to)])
