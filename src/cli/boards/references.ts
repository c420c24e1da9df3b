import { figuresOf, fitOf, type Source, sourcesOf, splitSources } from '../../board/known/figures.ts'
import type { KnownBoard } from '../../board/known/schema.ts'

/** Gives the numbers of the sources of a part of a board: ` [1, 4]`, or nothing where no figure is there. */
export type References = (path: string) => string

export function makeReferences(board: KnownBoard): References {
  const sources = splitSources(board.sources)
  const figures = figuresOf(board).map((figure) => ({ figure, found: sourcesOf(figure, sources) }))
  return (path) => {
    const steps = path.split('.')
    const numbers = new Set(
      figures.filter(({ figure }) => fitOf(steps, figure) > 0).flatMap(({ found }) => found.map((source) => board.sources.indexOf(source) + 1)),
    )
    return numbers.size === 0 ? '' : ` [${[...numbers].sort((a, b) => a - b).join(', ')}]`
  }
}

/** The list of sources that the numbers stand for. */
export function sourceLines(sources: readonly Source[]): string[] {
  return sources.map((source, i) => {
    const { document, derived, assumed, secondHand, note } = source
    const parts = [
      document,
      derived === undefined ? undefined : `derived: ${derived}`,
      assumed === undefined ? undefined : `assumed: ${assumed}`,
      secondHand === true ? 'second-hand' : undefined,
      note,
    ]
    return `[${i + 1}] ${parts.filter((part) => part !== undefined).join('; ')}`
  })
}
