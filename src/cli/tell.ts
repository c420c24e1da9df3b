import { eventText } from '../report/event-text.ts'
import { explanationLine } from '../report/explanation.ts'
import type { RunEvents } from '../run/events.ts'
import type { listenForStop } from '../run/stop.ts'
import type { Progress } from './print.ts'

/** A board beside a restless neighbour would fill the screen. */
const mostEvents = 20

/** Progress, what happened and explanations, on standard error. */
export function tellRun(progress: Progress, stop: ReturnType<typeof listenForStop>): RunEvents {
  let told = 0
  return {
    note: progress.note,
    progress: progress.update,
    stopped: stop.requested,
    happened(event) {
      // A sensor's trouble was said when it began, which may be long before the first decision.
      if (event.kind === 'sensor') return
      told++
      if (told <= mostEvents) progress.note(eventText(event))
      else if (told === mostEvents + 1) progress.note('and so on: the trace has the rest of the events')
    },
    explained: (decision) => progress.note(explanationLine(decision)),
  }
}
