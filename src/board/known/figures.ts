import type { KnownBoard } from './schema.ts'

export type Source = KnownBoard['sources'][number]

/** What needs a source in a board or scenario file: a number, a pitfall, a sensor. */
export interface Figure {
  /** From the top of the file: each step with all the names it goes by: `['1', 'a15']`. */
  readonly steps: readonly (readonly string[])[]
}

/** `clusters.1.opps.0.freqHz`. */
export const pathOf = (figure: Figure): string => figure.steps.map(([step]) => step).join('.')

/** Every figure that needs a source, in order. */
export function figuresOf(document: object): Figure[] {
  const { sources: _, ...rest } = document as Partial<KnownBoard>
  const figures: Figure[] = []
  const walk = (value: unknown, steps: readonly (readonly string[])[]): void => {
    if (typeof value === 'number' || isClaim(value, steps)) figures.push({ steps })
    if (typeof value !== 'object' || value === null) return
    for (const [key, one] of Object.entries(value)) walk(one, [...steps, Array.isArray(value) ? namesOf(one, key) : [key]])
  }
  walk(rest, [])
  return figures
}

/** A text that says something of the board which somebody must have found out. */
function isClaim(value: unknown, steps: Figure['steps']): boolean {
  const [[first] = [], , [third] = []] = steps
  return typeof value === 'string' && (first === 'pitfalls' || (first === 'sensors' && third === 'name'))
}

function namesOf(element: unknown, index: string): string[] {
  const { id, name } = (typeof element === 'object' && element !== null ? element : {}) as { id?: unknown; name?: unknown }
  return [index, ...[id, name].filter((one) => typeof one === 'string')]
}

/** Sources with the steps of their paths: split once, for a board has a thousand figures. */
export interface SplitSource {
  readonly source: Source
  readonly paths: readonly (readonly string[])[]
}

export const splitSources = (sources: readonly Source[]): SplitSource[] =>
  sources.map((source) => ({ source, paths: source.fields.map((path) => path.split('.')) }))

/** How exactly a path fits a figure: more steps first, then more steps that are no `*`; 0 where it does not fit. */
export function fitOf(path: readonly string[], { steps }: Figure): number {
  if (path.length > steps.length) return 0
  // A path has far fewer steps than this.
  let fit = 100 * path.length
  for (let i = 0; i < path.length; i++) {
    const step = path[i] as string
    if (step === '*') continue
    if (!steps[i]?.includes(step)) return 0
    fit++
  }
  return fit
}

/** Sources of a figure: those whose path fits it best. Empty where none does. */
export function sourcesOf(figure: Figure, sources: readonly SplitSource[]): Source[] {
  let best = 0
  let found: Source[] = []
  for (const { source, paths } of sources) {
    const fit = Math.max(...paths.map((path) => fitOf(path, figure)))
    if (fit > best) [best, found] = [fit, []]
    if (fit > 0 && fit === best) found.push(source)
  }
  return found
}
