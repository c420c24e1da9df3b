import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readCheckpoint } from '../checkpoint/reader.ts'
import type { Checkpoint } from '../checkpoint/schema.ts'
import { policyFile, previousFolder } from '../checkpoint/writer.ts'
import { FlyballError } from '../core/errors.ts'
import { openTrace } from '../trace/reader.ts'
import type { RunFolder } from './folder.ts'

/**
 * The checkpoint of a run: the newest, or where it is asked for the generation before, whatever the newest is like; undefined where neither was ever written.
 * Throws ERR_RUN_MISSING where there is no generation before, and what reading a checkpoint throws: it never takes an older one by itself.
 */
export function readGeneration({ checkpoint: folder }: Pick<RunFolder, 'checkpoint'>, previous = false): Checkpoint | undefined {
  const kept = join(folder, previousFolder)
  const keeps = existsSync(join(kept, policyFile))
  if (!previous) return keeps || existsSync(join(folder, policyFile)) ? readCheckpoint(folder) : undefined
  if (!keeps)
    throw new FlyballError(
      'ERR_RUN_MISSING',
      `--previous: ${kept} holds no ${policyFile}: no generation was kept before the newest; --previous has one after a run's second save`,
    )
  return readCheckpoint(kept)
}

/** What a deployment loses by the generation before, in words: later decisions that its traces know, whoever learned from them. */
export function lostText({ dir }: Pick<RunFolder, 'dir'>, { step }: Pick<Checkpoint, 'step'>): string {
  const last = Math.max(step, ...tracesOf(dir).map(nextStepOf))
  const lost = last === step ? 'what was learned after it is lost' : `what was learned in decisions ${step} to ${last - 1} is lost, as far as it was`
  return `the generation before the newest governs, of step ${step}: ${lost}`
}

/** Of the run itself and of its deployments. */
const tracesOf = (dir: string): string[] =>
  ['.', ...readdirSync(dir).filter((name) => /^deploy-\d+$/.test(name))].map((name) => join(dir, name, 'trace.jsonl')).filter(existsSync)

/** Step of the decision after a trace's last; 0 where it cannot be read, which is no reason to stay with a broken checkpoint. */
function nextStepOf(trace: string): number {
  let next = 0
  try {
    for (const entry of openTrace(trace).entries()) if (entry.kind === 'decision') next = entry.step + 1
  } catch (error) {
    if (!(error instanceof FlyballError)) throw error
  }
  return next
}
