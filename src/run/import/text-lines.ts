import { readLines } from '../../ope/log/lines.ts'

/** A line of a text file in UTF-8. `complete` is false for a last one that nothing ends. */
export interface TextLine {
  readonly text: string
  readonly number: number
  readonly complete: boolean
}

// Lines come as if every byte were a character.
const beyondAscii = /[\u0080-\u00ff]/
const asUtf8 = (line: string): string => (beyondAscii.test(line) ? Buffer.from(line, 'latin1').toString('utf8') : line)

/** Streams lines, plain or gzipped, without a byte order mark. Empty ones are left out. Throws ERR_LOG. */
export async function* textLines(path: string): AsyncGenerator<TextLine> {
  for await (const { lines, first, complete } of readLines(path))
    for (const [i, line] of lines.entries()) {
      const number = first + i
      const text = number === 1 ? asUtf8(line).replace(/^\ufeff/, '') : asUtf8(line)
      if (text.trim() !== '') yield { text, number, complete }
    }
}
