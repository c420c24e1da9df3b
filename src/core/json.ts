/** No file of flyball's nests deeper than some ten levels; an agent's state may have a few more. */
const mostDepth = 100

const [quote, backslash, openList, closeList, openObject, closeObject] = [34, 92, 91, 93, 123, 125]

/**
 * JSON that other people's code can walk: JSON.parse takes a hundred thousand nested lists, and whoever goes through them, a checksum or a writer, runs out of
 * stack. Throws SyntaxError for what is no JSON or nests more than 100 deep.
 */
export function parseJson(text: string): unknown {
  checkDepth(text)
  return JSON.parse(text)
}

function checkDepth(text: string): void {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === openList || code === openObject) {
      if (++depth > mostDepth) throw new SyntaxError(`it nests more than ${mostDepth} deep at position ${at}`)
    } else if (code === closeList || code === closeObject) depth--
  }
}

/** Index of the closing quote, or the last index where there is none. */
function endOfString(text: string, open: number): number {
  let at = text.indexOf('"', open + 1)
  while (at >= 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at < 0 ? text.length : at
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === backslash) before--
  return (at - before) % 2 === 0
}
