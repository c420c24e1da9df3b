import type { RunEvents } from '../events.ts'
import { openGround } from '../grounds/open.ts'
import type { GroundSpec } from '../grounds/spec.ts'
import { type CompareSettings, compareOn } from './compare.ts'
import { threadRunner } from './pool.ts'
import type { CompareResult } from './result.ts'

export interface CompareRequest extends Omit<CompareSettings, 'wish' | 'firstSeed'> {
  readonly grounds: readonly GroundSpec[]
  /** What is asked beside, or instead of, what the scenario asks. */
  readonly wish?: CompareSettings['wish']
  /** Default 1. */
  readonly firstSeed?: number
  /** Threads. Default 1. */
  readonly workers?: number
}

const unheard = { progress() {} }

/**
 * Compares agents on every ground, in threads; the results are in the order of the grounds. All grounds are opened and all agents made once before anything runs,
 * so that what is wrong is said at once. Throws ERR_INTERRUPTED for the signal, and what opening a ground and making an agent throws.
 */
export async function compare(
  { grounds: specs, workers = 1, wish = {}, firstSeed = 1, ...rest }: CompareRequest,
  events: Pick<RunEvents, 'progress'> = unheard,
  signal: AbortSignal = new AbortController().signal,
): Promise<CompareResult[]> {
  const grounds = specs.map(openGround)
  return compareOn(grounds, { ...rest, wish, firstSeed }, events, (plans) => threadRunner({ grounds: specs, plans }, workers, signal))
}
