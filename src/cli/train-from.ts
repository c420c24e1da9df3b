import { dirname } from 'node:path'
import type { RunEvents } from '../run/events.ts'
import { type TrainFromRequest, type TrainFromResult, trainFrom } from '../run/offline/train-from.ts'
import { bold, printJson, printLines } from './print.ts'

/** `flyball train --from TRACE`: learns from logs instead of on the board. */
export async function runTrainFrom(request: TrainFromRequest, events: RunEvents, json: boolean): Promise<void> {
  const result = await trainFrom(request, events)
  if (json) printJson(result)
  else printLines(lines(result))
}

function lines(result: TrainFromResult): string[] {
  const { agent, decisions, passes, dropped, heldOut, checkpoint, deployable } = result
  const { logged, estimates } = heldOut
  const found = estimates.find(({ estimator }) => estimator === heldOut.verdictFrom)
  const cost = (reward: number): string => (Number.isFinite(reward) ? (-reward).toPrecision(4) : '-')
  return [
    bold(`${agent}: learned from ${decisions} logged decisions${passes > 1 ? `, gone through ${passes} times` : ''}`),
    ...(dropped > 0 ? [`dropped     ${dropped} decisions that were overridden, without an outcome, or without what followed`] : []),
    `held out    the last ${heldOut.decisions} decisions cost ${cost(logged.value)} each as they were logged`,
    ...(found === undefined
      ? []
      : [`            with this policy ${cost(found.value)} (${found.estimator}, 95 %: ${cost(found.hi)} to ${cost(found.lo)})`]),
    `            ${heldOut.verdict}`,
    ...heldOut.warnings.map((warning) => `            ${warning}`),
    `checkpoint  ${checkpoint}`,
    deployable
      ? `next        flyball deploy ${dirname(dirname(checkpoint))} puts it in charge`
      : 'the log is not of this board environment: for flyball compare --checkpoint and flyball replay --policy only',
  ]
}
