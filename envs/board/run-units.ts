import { threadCpuTimeS } from '../../src/linux/affinity.ts'
import type { NetworkSession } from '../../src/network/session.ts'
import type { Pacer } from './pace.ts'

/** Runs those of a lane's units whose bit is set, in order, resting after each; writes what unit u gives at u * stride. */
export async function runUnits(
  session: NetworkSession,
  units: readonly number[],
  bits: number,
  speed: number,
  pacer: Pacer,
  logits: Float32Array,
  stride: number,
): Promise<void> {
  pacer.begin()
  for (const unit of units) {
    if ((bits & (1 << unit)) === 0) continue
    const beforeS = threadCpuTimeS()
    const answer = await session.run(unit)
    logits.set(answer, unit * stride)
    const resting = pacer.rest(threadCpuTimeS() - beforeS, speed)
    if (resting !== undefined) await resting
  }
}
