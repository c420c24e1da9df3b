import type { CheckpointData } from '../src/core/agent.ts'
import { FlyballError } from '../src/core/errors.ts'

/** Throws ERR_CHECKPOINT_SCHEMA when saved data has another layout than the one this version of the agent writes. */
export function checkDataVersion(agent: string, data: CheckpointData | undefined, version: number): void {
  if (data !== undefined && data.version !== version)
    throw new FlyballError('ERR_CHECKPOINT_SCHEMA', `agent ${agent}: the saved state has layout ${data.version}, this version reads ${version}`)
}
