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

const hexDigits = '0123456789abcdef'

/** The mask of a text over `actions` actions, or undefined when the text is none: wrong length, no hex, bits beyond the last action, nothing allowed. */
export function parseMask(text: string | undefined, actions: number): Mask | undefined {
  const mask = new Uint8Array(actions)
  if (text === undefined) return mask.fill(1)
  if (text.length !== Math.ceil(actions / 4)) return undefined
  let any = false
  for (let i = 0; i < text.length; i++) {
    const digit = hexDigits.indexOf(text[i] as string)
    if (digit < 0) return undefined
    any ||= digit > 0
    for (let bit = 0; bit < 4; bit++) {
      const set = (digit >> bit) & 1
      if (4 * i + bit < actions) mask[4 * i + bit] = set
      else if (set === 1) return undefined
    }
  }
  return any ? mask : undefined
}
