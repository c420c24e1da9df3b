import type { Spaces } from '../../core/spaces.ts'

/** One column of a trace in Parquet: a field of a decision's record (docs/trace-format.md). */
export interface TraceColumn {
  readonly name: string
  /** DuckDB's type. */
  readonly type: string
  /** Left out of the record where it is null; else null stays. */
  readonly optional: boolean
}

const column = (name: string, type: string, optional = false): TraceColumn => ({ name, type, optional })

/** The fields of a record in their order; the observation stands between them, a column per monitor. */
export const fieldsBefore: readonly TraceColumn[] = [column('step', 'UINTEGER'), column('timeS', 'DOUBLE')]
export const fieldsAfter: readonly TraceColumn[] = [
  column('mask', 'VARCHAR', true),
  column('action', 'UINTEGER'),
  column('executedAction', 'UINTEGER', true),
  column('answered', 'UINTEGER', true),
  column('propensity', 'DOUBLE'),
  column('greedy', 'UINTEGER', true),
  column('epsilon', 'DOUBLE'),
  column('latencyS', 'DOUBLE'),
  column('energyJ', 'DOUBLE'),
  column('accuracy', 'DOUBLE'),
  column('confidence', 'DOUBLE'),
  column('deadlineMet', 'BOOLEAN'),
  column('durationS', 'DOUBLE'),
  column('quality', 'VARCHAR'),
]

/** Column of a monitor: `observed.tempC`. */
export const monitorColumns = ({ monitors }: Pick<Spaces, 'monitors'>): string[] => monitors.map(({ name }) => `observed.${name}`)

/** Column of what is no decision: its line as it stands; null for decisions. */
export const eventColumn = 'event'

/** Key of the header in the file's metadata. */
export const headerKey = 'flyball'
