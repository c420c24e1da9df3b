import { holdsOn, type Influence } from './influence.ts'
import type { ScenarioEvent } from './schema.ts'

/** What may change at any moment: ambient temperature and slow-down. */
export interface Moving {
  /** After something came or went. */
  settle(): void
  /** `timeS`: s of the scenario's clock; `intoS`: of it since the last repetition began. No allocation. */
  ambientTempC(timeS: number, intoS: number): number
  slowdown(intoS: number): number
}

type Ambient = Extract<ScenarioEvent, { kind: 'ambient' }>

/** The ambient temperature is that of the last event in the list that is there; slow-downs multiply. */
export function makeMoving(influences: readonly Influence[], restingTempC: number): Moving {
  const airs = influences.filter(({ event }) => event.kind === 'ambient')
  const brakes = influences.filter(({ event }) => event.kind === 'slowdown')
  const fixed = brakes.filter(({ event }) => !holdsOn(event))
  const ramps = brakes.filter(({ event }) => holdsOn(event))
  let air: Ambient | undefined
  let steady = 1
  return {
    settle() {
      air = undefined
      for (let i = 0; i < airs.length; i++) {
        const { there, event } = airs[i] as Influence
        if (there) air = event as Ambient
      }
      steady = 1
      for (let i = 0; i < fixed.length; i++) {
        const { there, amount } = fixed[i] as Influence
        if (there) steady *= amount
      }
    },
    ambientTempC(timeS, intoS) {
      if (air === undefined) return restingTempC
      if (air.swingC !== undefined) return air.tempC + air.swingC * Math.sin((2 * Math.PI * timeS) / (air.periodS as number))
      return air.toTempC === undefined ? air.tempC : ramp(air, air.tempC, air.toTempC, intoS)
    },
    slowdown(intoS) {
      let factor = steady
      for (let i = 0; i < ramps.length; i++) {
        const { there, event } = ramps[i] as Influence
        if (there && event.kind === 'slowdown') factor *= ramp(event, event.factor as number, event.toFactor as number, intoS)
      }
      return factor
    },
  }
}

/** In a straight line from `from` at the window's begin to `to` at its end, and that from then on. */
function ramp({ when }: ScenarioEvent, from: number, to: number, intoS: number): number {
  const { fromS, toS } = when as { fromS: number; toS: number }
  return from + (to - from) * Math.min(1, Math.max(0, (intoS - fromS) / (toS - fromS)))
}
