import { existsSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { agentOptionsSchema, describeIssue, finite, nominalListSchema, objectiveSchema, requirementsSchema } from '../checkpoint/parts.ts'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import type { RunFolder } from './folder.ts'

export const settingsSchemaName = 'flyball-run/1'

const positive = v.pipe(finite, v.gtValue(0))
const ratio = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

const cluster = v.object({
  id: v.string(),
  boardCluster: v.string(),
  cpus: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  frequency: v.picklist(['clamp', 'pacing', 'bandwidth', 'fixed']),
  levels: v.array(v.object({ value: positive, speed: v.pipe(positive, v.maxValue(1)) })),
})

/** What the guard keeps to. Left out by runs of before: the default. */
const guard = v.object({
  marginC: v.nullable(v.pipe(v.number(), v.minValue(0))),
  powerCapW: v.optional(positive),
  minFrequencyHz: v.optional(v.record(v.string(), positive)),
  maxChanges: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})

/** The environment of a run, with everything resolved, so that `deploy` meets the same operating points. */
export const boardSettings = v.object({
  name: v.literal('board'),
  root: v.string(),
  clusters: v.array(cluster),
  reserved: v.array(finite),
  rate: v.string(),
  interfere: v.array(v.string()),
  /** Knobs are written again that others change, instead of left to them. */
  forceKnobs: v.optional(v.boolean()),
  /** Inference may end before the governor's size is reached. */
  anytime: v.optional(v.object({ confidence: v.optional(ratio) })),
  guard: v.optional(guard),
  /** When kernel knobs are put back; at the end where nothing is said. */
  restore: v.optional(v.picklist(['exit', 'on-switch', 'never'])),
  /** After how long without a move the watchdog acts, s; 0: there is none. */
  watchdogS: v.optional(v.pipe(v.number(), v.minValue(0))),
})

/** Of a run that learned on a measured table of the board, or in a simulation, instead of on the board. */
const learnedOn = v.object({
  /** Undefined for a simulated board. */
  table: v.optional(v.string()),
  scenario: v.optional(v.string()),
  noiseRatio: ratio,
  /** The ground as it was asked for, and what is asked in each of its phases: what a resumed run opens. */
  ground: v.optional(
    v.object({
      kind: v.picklist(['sim', 'table']),
      source: v.string(),
      scenario: v.optional(v.string()),
      network: v.string(),
      noiseRatio: ratio,
      tables: v.array(v.string()),
      guard: v.optional(guard),
    }),
  ),
  phases: v.optional(v.array(requirementsSchema)),
})

/** The checkpoint of another network or board that the agent began from. */
const transfer = v.object({ from: v.string(), agent: v.string(), step: finite, board: v.string(), network: v.optional(v.string()) })

const common = {
  schema: v.literal(settingsSchemaName),
  createdAt: v.string(),
  versions: v.record(v.string(), v.string()),
  seed: finite,
  agent: v.object({ name: v.string(), options: agentOptionsSchema }),
  requirements: requirementsSchema,
  objective: objectiveSchema,
  nominal: nominalListSchema,
  transfer: v.optional(transfer),
}
const settings = v.object({ ...common, env: boardSettings, network: v.string(), learnedOn: v.optional(learnedOn) })
/** Of a simulated board there are no settings that a real one could be governed by. */
const groundSettings = v.object({ ...common, env: v.optional(boardSettings), network: v.optional(v.string()), learnedOn })

export type BoardSettings = v.InferOutput<typeof boardSettings>
/** run.json: what a run was started with. */
export type RunSettings = v.InferOutput<typeof settings>

/** run.json of a run that learned on a table or in a simulation. */
export type GroundSettings = v.InferOutput<typeof groundSettings>

/** Reads run.json of a run that can govern a board. Throws ERR_RUN_MISSING naming the folder, or the field that is wrong, and ERR_USAGE for a run in a simulation. */
export function readSettings(folder: RunFolder): RunSettings {
  const result = v.safeParse(settings, readRunFile(folder))
  if (result.success) return result.output
  return refused(result.issues[0], readGroundSettings(folder) !== undefined, folder)
}

/** As they will be read back, to the order of the fields. */
export const settledOn = (written: GroundSettings): GroundSettings => v.parse(groundSettings, JSON.parse(JSON.stringify(written)))

/** Reads run.json where it is that of a run on a table or in a simulation; undefined where it is another. Throws ERR_RUN_MISSING. */
export function readGroundSettings(folder: RunFolder): GroundSettings | undefined {
  const result = v.safeParse(groundSettings, readRunFile(folder))
  return result.success ? result.output : undefined
}

function readRunFile(folder: RunFolder): unknown {
  try {
    return parseDocument(readFileSync(folder.settings, 'utf8'), folder)
  } catch (error) {
    if (error instanceof FlyballError) throw error
    if (isSystemError(error, 'ENOENT') && existsSync(folder.checkpoint))
      throw new FlyballError(
        'ERR_RUN_MISSING',
        `${folder.dir} holds a checkpoint but no run (no run.json): it was learned from a log that was not taken on a board, for flyball replay --policy and flyball compare --checkpoint; expected a folder of 'flyball train' on this board`,
        { cause: error },
      )
    const why = isSystemError(error, 'ENOENT', 'ENOTDIR') ? 'no run.json' : `run.json cannot be read: ${(error as Error).message}`
    throw new FlyballError('ERR_RUN_MISSING', `${folder.dir} holds no run (${why}), expected a folder that 'flyball train --out DIR' made`, {
      cause: error,
    })
  }
}

function parseDocument(text: string, folder: Pick<RunFolder, 'settings'>): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    throw new FlyballError('ERR_RUN_MISSING', `${folder.settings} is no JSON (${(error as Error).message}); was it edited or cut off?`, {
      cause: error,
    })
  }
}

function refused(issue: Parameters<typeof describeIssue>[0], simulated: boolean, folder: Pick<RunFolder, 'settings'>): never {
  if (!simulated) throw new FlyballError('ERR_RUN_MISSING', `${folder.settings}: ${describeIssue(issue)}`)
  throw new FlyballError(
    'ERR_USAGE',
    `${folder.settings} is of a run in a simulation, which can govern no board; flyball train --transfer begins on one from what bayes learned there`,
  )
}
