import type { TopLevelSpec } from 'vega-lite'

// Colours that stand out on white and on near black, and that no common colour blindness confuses; text takes the page's colour through its style sheet.
export const blue = '#4a90d9'
export const orange = '#e07b39'
export const green = '#2a9d7c'
export const grey = '#8a8a8a'
export const background = 'transparent'

/** A chart as SVG markup. */
export async function draw(spec: TopLevelSpec): Promise<string> {
  // Loaded here, because nothing else needs it and it takes a third of a second.
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')])
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}
