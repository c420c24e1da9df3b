import type { RunEvents } from '../events.ts'
import { openGround } from '../grounds/open.ts'
import type { GroundSpec } from '../grounds/spec.ts'
import { type CompareSettings, compareOn } from './compare.ts'
import { threadRunner } from './pool.ts'
import type { CompareResult } from './result.ts'

export interface CompareRequest extends CompareSettings {
  readonly grounds: readonly GroundSpec[]
  readonly workers: number
}

/** Compares agents on every ground, in threads. All grounds are opened and all agents made once before anything runs, so that what is wrong is said at once. */
export async function compare(request: CompareRequest, events: Pick<RunEvents, 'progress'>, signal: AbortSignal): Promise<CompareResult[]> {
  const grounds = request.grounds.map(openGround)
  return compareOn(grounds, request, events, (plans) => threadRunner({ grounds: request.grounds, plans }, request.workers, signal))
}
