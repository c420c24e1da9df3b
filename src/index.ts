export type {
  Agent,
  AgentInput,
  AgentKind,
  CheckpointData,
  Choice,
  DetectedChange,
  Explanation,
  Limit,
  LimitValues,
  PredictedPoint,
  Transfer,
  Transition,
} from './core/agent.ts'
export type { Env, ExpectedOutcome, ResetOptions, Step, Truth } from './core/env.ts'
export { type ErrorCode, errorTable, FlyballError } from './core/errors.ts'
export type { GuardChange, GuardSettings, GuardWatch } from './core/guard.ts'
export type { Outcome, Quality, Requirements } from './core/outcome.ts'
export type { Knob, Monitor, OperatingPoint, Spaces } from './core/spaces.ts'
export { type Anytime, type AnytimeAnswer, type AnytimeRequest, type AnytimeStop, makeAnytime, sessionRunner } from './network/anytime.ts'
export type { OutputTensor } from './network/ends.ts'
export { type Network, openNetwork } from './network/manifest.ts'
export type { RgbImage } from './network/preprocess.ts'
export { type NetworkSession, openSession } from './network/session.ts'
export { eventText } from './report/event-text.ts'
export { explanationLine } from './report/explanation.ts'
export { askCheckpoint } from './run/compare/asked.ts'
export { type CompareRequest, compare } from './run/compare/in-threads.ts'
export { type AgentEntry, lineUp } from './run/compare/lineup.ts'
export type { AgentResult, CompareResult, Stat } from './run/compare/result.ts'
export { type DeployRequest, type DeployResult, deploy } from './run/deploy.ts'
export type { RunEvents } from './run/events.ts'
export { explainStep, type ReplayedDecision } from './run/explain-step.ts'
export type { ExplainedDecision } from './run/explained.ts'
export { type GovernedAnswer, Governor, type GovernorOptions } from './run/governor.ts'
export type { Ground } from './run/grounds/ground.ts'
export { findGrounds, openGround } from './run/grounds/open.ts'
export type { GroundOptions, GroundSpec } from './run/grounds/spec.ts'
export type { PolicyValue } from './run/judge-policy.ts'
export type { RunResult } from './run/learn.ts'
export { type ReplayResult, replay } from './run/replay.ts'
export { type LogReplay, type LogReplayRequest, replayLog } from './run/replay-log.ts'
export type { Wish } from './run/request.ts'
export { type TrainRequest, train } from './run/train.ts'
export type { ChangeEntry, EventEntry, GuardEntry, KnobEntry, RelaxedEntry, SensorEntry } from './trace/event.ts'
