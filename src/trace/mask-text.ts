import type { Mask } from '../core/spaces.ts'

/** One hex digit per four actions; the lowest bit of digit i is action 4 i. Undefined when every action is allowed. */
export function formatMask(mask: Mask): string | undefined {
  let text = ''
  let full = true
  for (let from = 0; from < mask.length; from += 4) {
    let digit = 0
    for (let bit = 0; bit < 4 && from + bit < mask.length; bit++)
      if (mask[from + bit] === 1) digit |= 1 << bit
      else full = false
    text += digit.toString(16)
  }
  return full ? undefined : text
}

/** The mask of a text over `actions` actions, or undefined when the text is none: wrong length, no hex, bits beyond the last action, nothing allowed. */
export function parseMask(text: string | undefined, actions: number): Mask | undefined {
  const mask = new Uint8Array(actions)
  if (text === undefined) return mask.fill(1)
  if (text.length !== Math.ceil(actions / 4) || !/^[0-9a-f]+$/.test(text)) return undefined
  for (let bit = 0; bit < text.length * 4; bit++) {
    const set = (Number.parseInt(text[bit >> 2] as string, 16) >> (bit & 3)) & 1
    if (bit < actions) mask[bit] = set
    else if (set === 1) return undefined
  }
  return mask.includes(1) ? mask : undefined
}
