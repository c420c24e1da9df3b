export interface Dot {
  /** Pixels, from the left and from the top. */
  readonly x: number
  readonly y: number
  readonly text: string
}

export interface Label {
  /** Middle of the text, from its dot, pixels. */
  readonly dx: number
  readonly dy: number
}

/** Pixels, of the font that the charts use. */
const charWidth = 5.6
const lineHeight = 11

/**
 * Where the names of dots go so that they cover neither each other nor a dot: each in turn takes the nearest free place within the picture. A name for which
 * there is none stays beside its dot.
 */
export function placeLabels(dots: readonly Dot[], width: number, height: number): Label[] {
  const taken = dots.map(({ x, y }) => box(x, y, 9, 9))
  return dots.map(({ x, y, text }) => {
    const w = text.length * charWidth
    const free = placesAround(w).find(({ dx, dy }) => {
      const own = box(x + dx, y + dy, w, lineHeight)
      return own.left >= 0 && own.right <= width && own.top >= 0 && own.bottom <= height && !taken.some((other) => meets(own, other))
    })
    const { dx, dy } = free ?? { dx: w / 2 + 7, dy: 0 }
    taken.push(box(x + dx, y + dy, w, lineHeight))
    return { dx, dy }
  })
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const box = (x: number, y: number, w: number, h: number): Box => ({ left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 })
const meets = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** Right, left, above and below of the dot, then further and further away. */
function placesAround(w: number): Label[] {
  const aside = w / 2 + 7
  const places: Label[] = [
    { dx: aside, dy: 0 },
    { dx: -aside, dy: 0 },
  ]
  for (let far = lineHeight; far <= 9 * lineHeight; far += lineHeight)
    for (const dy of [-far, far]) for (const dx of [0, aside, -aside]) places.push({ dx, dy })
  return places
}
