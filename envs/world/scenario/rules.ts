import type { Scenario, ScenarioEvent, When } from './schema.ts'

/** What is wrong with a scenario whose fields are all well formed: the field, what was found, what would be right. Undefined: nothing. */
export function problemOf(scenario: Scenario): string | undefined {
  return clockProblem(scenario) ?? arrivalProblem(scenario) ?? eventProblem(scenario) ?? askedProblem(scenario)
}

function clockProblem({ timeScale, requests }: Scenario): string | undefined {
  if (timeScale !== undefined && requests !== undefined) return 'timeScale and requests are both given: expected one of them'
  return undefined
}

function arrivalProblem({ arrivals, durationS, after }: Scenario): string | undefined {
  const [first] = arrivals
  if (first !== undefined && 'fromS' in first && first.fromS !== 0) return `arrivals.0.fromS is ${first.fromS}: expected 0, the stream begins at once`
  let beforeS = -1
  for (const [i, stream] of arrivals.entries()) {
    const at = `arrivals.${i}`
    if (stream.kind === 'back-to-back') {
      if (arrivals.length > 1) return `${at}.kind is back-to-back: expected it alone`
      continue
    }
    const problem = momentProblem(`${at}.fromS`, stream.fromS, beforeS, durationS)
    if (problem !== undefined) return problem
    beforeS = stream.fromS
    if (stream.kind === 'idle') continue
    if ((stream.load === undefined) === (stream.rateHz === undefined))
      return `${at} has ${stream.load === undefined ? 'neither load nor rateHz' : 'both load and rateHz'}: expected one of them`
  }
  if (arrivals.every(({ kind }) => kind === 'idle')) return 'arrivals are all idle: expected requests at some time'
  if (after !== 'repeat' && arrivals.at(-1)?.kind === 'idle')
    return `arrivals.${arrivals.length - 1}.kind is idle: expected requests to the last, as the scenario does not repeat`
  return undefined
}

/** Moments ascend and lie within the scenario. */
function momentProblem(at: string, timeS: number, beforeS: number, durationS: number): string | undefined {
  if (timeS <= beforeS) return `${at} is ${timeS}: expected more than the ${beforeS} s before it`
  return timeS >= durationS ? `${at} is ${timeS}: expected less than durationS, ${durationS} s` : undefined
}

function eventProblem({ events, durationS }: Scenario): string | undefined {
  for (const [i, event] of events.entries()) {
    const problem = (event.when === undefined ? undefined : whenProblem(event.when, durationS)) ?? rampProblem(event)
    if (problem !== undefined) return `events.${i}.${problem}`
  }
  return undefined
}

function whenProblem(when: When, durationS: number): string | undefined {
  if ('everyS' in when) return when.forS < when.everyS ? undefined : `when.forS is ${when.forS}: expected less than everyS, ${when.everyS} s`
  if ('presentS' in when) return undefined
  const { fromS, toS } = when
  if (fromS >= durationS) return `when.fromS is ${fromS}: expected less than durationS, ${durationS} s`
  if (toS === undefined) return undefined
  if (toS <= fromS) return `when.toS is ${toS}: expected more than fromS, ${fromS} s`
  return toS > durationS ? `when.toS is ${toS}: expected at most durationS, ${durationS} s` : undefined
}

function rampProblem(event: ScenarioEvent): string | undefined {
  const ramp = event.kind === 'ambient' ? 'toTempC' : event.kind === 'slowdown' ? 'toFactor' : undefined
  if (ramp !== undefined && ramp in event) {
    const { when } = event
    if (when === undefined || !('fromS' in when) || when.toS === undefined)
      return `${ramp} is given: expected a window with toS in 'when', by which it is reached`
    if (event.kind === 'slowdown' && typeof event.factor !== 'number') return 'factor is [low, high]: expected a number beside toFactor'
  }
  if (event.kind !== 'ambient') return undefined
  if ((event.swingC === undefined) !== (event.periodS === undefined)) return 'swingC and periodS: expected both or neither'
  return event.swingC !== undefined && event.toTempC !== undefined ? 'toTempC and swingC are both given: expected one of them' : undefined
}

function askedProblem({ requirements, durationS, statedFor, ambientTempC }: Scenario): string | undefined {
  let beforeS = -1
  for (const [i, { fromS }] of requirements.entries()) {
    const problem = momentProblem(`requirements.${i}.fromS`, fromS, beforeS, durationS)
    if (problem !== undefined) return problem
    beforeS = fromS
  }
  if (statedFor !== undefined && statedFor.accuracy[0] >= statedFor.accuracy[1])
    return `statedFor.accuracy is [${statedFor.accuracy.join(', ')}]: expected [least, most] with least < most`
  if (statedFor?.air?.tempC === ambientTempC)
    return `statedFor.air.tempC is ${ambientTempC}: expected another temperature than ambientTempC, from which air is counted`
  return undefined
}
