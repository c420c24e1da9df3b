import type { Asked, Scenario, ScenarioEvent, Stream, When } from '../../../envs/world/scenario/schema.ts'
import type { Drawn } from '../../../envs/world/scenario/values.ts'

/** What a scenario does, in words. Seconds are those of its own clock. */

const s = (timeS: number): string => `${Number(timeS.toPrecision(6))} s`
const C = (tempC: number): string => `${Number(tempC.toPrecision(4))} degC`
const percent = (ratio: number): string => `${Number((100 * ratio).toPrecision(3))} %`
const range = (value: Drawn, say: (x: number) => string): string =>
  typeof value === 'number' ? say(value) : `${say(value[0]).replace(/ %$/, '')} to ${say(value[1])}`

export function lengthWords({ durationS, requests, timeScale, after }: Scenario): string {
  const pace =
    requests !== undefined
      ? `, played in about ${requests} requests: its clock is scaled to fit`
      : timeScale !== undefined && timeScale !== 1
        ? `, ${timeScale} s of it in a second of requests`
        : ''
  return `${s(durationS)}${pace}; ${{ repeat: 'then it repeats', hold: 'then it stays as it is', end: 'then it ends' }[after]}`
}

/** When something is there. */
export function whenWords(when: When | undefined, ramp = false): string {
  if (when === undefined) return 'always'
  if ('everyS' in when)
    return `by chance, about ${s(when.forS)} of every ${s(when.everyS)}${when.jitter > 0 ? `, lengths +-${percent(when.jitter)}` : ''}`
  if ('presentS' in when) return `by chance, there for ${s(when.presentS)} and gone for ${s(when.absentS)} on average`
  const { fromS, toS } = when
  if (toS === undefined) return fromS === 0 ? 'always' : `from ${s(fromS)}`
  return `${ramp ? 'from ' : ''}${s(fromS)} to ${s(toS)}`
}

export function eventWords(event: ScenarioEvent): string {
  const stands = event.what === undefined ? '' : ` (${event.what})`
  return `${'copies' in event && event.copies > 1 ? `${event.copies} times: ` : ''}${deedOf(event)}${stands}`
}

const onCluster = (cluster: string): string =>
  ({ fastest: 'the fastest cluster', slowest: 'the slowest cluster', all: 'every cluster', any: 'some cluster' })[cluster] ?? cluster

function deedOf(event: ScenarioEvent): string {
  switch (event.kind) {
    case 'co-runner': {
      const memory = event.bandwidthShare === 0 ? '' : `, and ${range(event.bandwidthShare, percent)} of the memory bandwidth`
      return `others take ${range(event.share, percent)} of ${onCluster(event.cluster)}${memory}`
    }
    case 'memory':
      return `others take ${range(event.bandwidthShare, percent)} of the memory bandwidth`
    case 'cores': {
      const { take, cluster } = event
      return take === 'all' ? `${onCluster(cluster)} is taken away` : `${take} core${take === 1 ? '' : 's'} of ${onCluster(cluster)} taken away`
    }
    case 'ambient': {
      if (event.toTempC !== undefined) return `ambient temperature from ${C(event.tempC)} to ${C(event.toTempC)}, where it stays`
      const swing = event.swingC === undefined ? '' : `, up and down by ${C(event.swingC)} each ${s(event.periodS as number)}`
      return `ambient temperature ${C(event.tempC)}${swing}`
    }
    case 'slowdown':
      return event.toFactor === undefined
        ? `every latency times ${range(event.factor, String)}`
        : `every latency times ${range(event.factor, String)} to ${event.toFactor}, where it stays`
    case 'sensor':
      return `the ${{ temperature: 'thermometer', interference: 'load meter' }[event.sensor]} ${{ stale: 'holds an old value', jumping: 'jumps', missing: 'is silent' }[event.fault]}`
  }
}

export function streamWords(stream: Stream): string {
  if (stream.kind === 'idle') return 'no requests'
  if (stream.kind === 'back-to-back') return 'the next request comes with the answer to the last'
  const rate = stream.rateHz === undefined ? `load ${stream.load}` : `${stream.rateHz} a second`
  if (stream.kind === 'periodic') return `requests at a fixed rate, ${rate}`
  if (stream.kind === 'poisson') return `requests by chance (Poisson), ${rate}`
  const rest = stream.restShare === 0 ? 'none' : `${percent(stream.restShare)} of that`
  return `requests in bursts, ${rate} for about ${s(stream.forS)}, then ${rest} for about ${s(stream.restS)}`
}

export function askedWords(asked: Asked): string {
  const said = (name: string, value: unknown, unit = ''): string[] =>
    value === undefined ? [] : [value === null ? `no ${name}` : `${name} ${String(value)}${unit}`]
  return [
    ...said('deadline', asked.deadline),
    ...said('percentile', asked.percentile, ' %'),
    ...said('energy budget', asked.energyBudget),
    ...said('accuracy floor', asked.accuracyFloor),
    ...said('least confidence', asked.leastConfidence),
  ].join(', ')
}

const aims = { weighted: 'the weighted cost', energy: 'energy', accuracy: 'what is missing of accuracy', latency: 'latency' }

/** What the application minimises, and what becomes of requests that come too fast. */
export function aimWords({ objective, queueLimit, arrivals }: Scenario): string[] {
  const waiting =
    queueLimit === 0 ? 'a request that comes while another is answered is lost' : `at most ${queueLimit} requests wait, the oldest is dropped`
  const backToBack = arrivals.some(({ kind }) => kind === 'back-to-back')
  return [...(objective === undefined ? [] : [`the application minimises ${aims[objective]}`]), ...(backToBack ? [] : [waiting])]
}
