import type { AgentInput, CheckpointData } from '../src/core/agent.ts'
import { FlyballError } from '../src/core/errors.ts'
import { makeRng, type Rng, rngFromState } from '../src/core/rng.ts'

/** Throws ERR_CHECKPOINT_SCHEMA when saved data has another layout than the one this version of the agent writes. */
export function checkDataVersion(agent: string, data: CheckpointData | undefined, version: number): void {
  if (data !== undefined && data.version !== version)
    throw new FlyballError('ERR_CHECKPOINT_SCHEMA', `agent ${agent}: the saved state has layout ${data.version}, this version reads ${version}`)
}

/** What every agent begins with: what it saved, where it goes on, and the generator that samples its actions. Throws ERR_CHECKPOINT_SCHEMA. */
export function begin<Data extends CheckpointData>(agent: string, { data, seed }: AgentInput, version: number): { data: Data | undefined; rng: Rng } {
  checkDataVersion(agent, data, version)
  return { data: data as Data | undefined, rng: data === undefined ? makeRng(seed).fork('agent') : rngFromState(data.rng) }
}
