import type { RequirementChange } from '../../../envs/world/world.ts'
import type { Env } from '../../core/env.ts'
import type { Objective, ObjectiveKind } from '../../core/objective.ts'
import type { EnergyScope, Quality, Requirements } from '../../core/outcome.ts'
import type { NominalOutcome, Spaces } from '../../core/spaces.ts'

/** What a planner must know of a run beside its environment. */
export interface PlanOptions {
  readonly requirements: readonly Requirements[]
  readonly objective: Objective
  readonly steps: number
}

/** Ground to compare agents on: a simulated board in a scenario, a measured table, a trace's world; before it is settled what is asked. */
export interface Ground {
  /** As on the command line: `sim:odroid-xu4@steady`, `table:orin-agx-resnet`, `trace:run.jsonl`. */
  readonly id: string
  readonly spaces: Spaces
  /** What every point is expected to give on the quiet board. */
  readonly nominal: readonly NominalOutcome[]
  readonly energyQuality: Quality
  readonly energyScope: EnergyScope
  /** What a reader must know beside every figure: `simulated: odroid-xu4, nominal plant`, `overlay: noise 3 %`. */
  readonly labels: readonly string[]
  /** What the application minimises, where its scenario says so and the user does not. */
  readonly objective?: ObjectiveKind | undefined
  /** What is asked over time; [{}] where nothing changes. */
  readonly phases: readonly RequirementChange[]
  /** The world has heat that outlasts a step: a planner makes sense. */
  readonly heat: boolean
  /** Lowest temperature at which the board throttles, degrees C; left out where there is no heat. */
  readonly tripC?: number | undefined
  /** A fresh environment, with `truth`. `requirements[i]` holds in phase i; where there are fewer, the first. */
  open(requirements: readonly Requirements[]): Env
  /** Where there is heat: what the planner would do now in `env`, which `open` gave with the same requirements. */
  planner?(env: Env, options: PlanOptions): () => number
}
