import { basename } from 'node:path'
import { readLoggedWorld } from '../../../envs/trace/logged-world.ts'
import { fitTrace, traceMaker } from '../../../envs/trace/trace-world.ts'
import type { WorldMaker } from '../../../envs/world/world.ts'
import { openTrace } from '../../trace/reader.ts'
import { traceFile } from '../folder.ts'
import type { Ground } from './ground.ts'

export interface TraceGroundInput {
  /** Path of a trace, or of the folder of a run. */
  readonly trace: string
  /** The simulated board or the table that the trace's world is put on. */
  readonly on: (world: WorldMaker, name: string) => Ground
}

/**
 * A recorded run's outside world, driven through a simulated board or a table. Throws what reading a trace throws, and ERR_TRACE_CORRUPT where it tells of no
 * world.
 */
export function traceGround({ trace, on }: TraceGroundInput): Ground {
  const logged = readLoggedWorld(openTrace(traceFile(trace)), trace)
  const make = traceMaker(logged)
  let labels: readonly string[] = []
  const ground = on((site) => {
    labels = fitTrace(logged, site).labels
    return make(site)
  }, basename(trace))
  return { ...ground, id: `trace:${trace}`, labels: [...ground.labels, ...labels] }
}
