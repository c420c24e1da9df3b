import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Guard, makeGuard } from '../../envs/guard/guard.ts'
import { guardedEnv } from '../../envs/guard/guarded-env.ts'
import type { Env } from '../../src/core/env.ts'
import type { GuardSettings } from '../../src/core/guard.ts'
import { makeSpaces, type Spaces } from '../../src/core/spaces.ts'
import { makeTwoPolicyBoard, type TwoPolicyBoard } from './two-policy-board.ts'

const subnets = ['25', '50', '100']
const clocksHz = { little: [4e8, 1e9], big: [6e8, 1.4e9, 2e9] }

/** Fifteen points: three sub-networks on two clusters with clocks of their own. A point draws as many W as its clock has GHz, on big three times that. */
export function makeGuardSpaces(): { spaces: Spaces; powerW: number[]; work: number[] } {
  const rows = (['little', 'big'] as const).flatMap((cluster) =>
    clocksHz[cluster].flatMap((freqHz) => subnets.map((subnet) => ({ cluster, freqHz, subnet }))),
  )
  const spaces = makeSpaces({
    knobs: [
      { name: 'subnet', kind: 'subnet', values: subnets },
      { name: 'cluster', kind: 'cluster', values: ['little', 'big'] },
      ...(['little', 'big'] as const).map((domain) => ({
        name: `${domain}.freqHz`,
        kind: 'frequency' as const,
        unit: 'Hz',
        domain,
        values: [...clocksHz[domain], 'free'],
      })),
    ],
    points: rows.map(({ cluster, freqHz, subnet }) => ({
      subnet,
      cluster,
      'little.freqHz': cluster === 'little' ? freqHz : 'free',
      'big.freqHz': cluster === 'big' ? freqHz : 'free',
    })),
    monitors: [{ name: 'tempC', low: 20, high: 100 }],
  })
  return {
    spaces,
    powerW: rows.map(({ cluster, freqHz }) => (freqHz / 1e9) * (cluster === 'big' ? 3 : 1)),
    work: rows.map(({ subnet }) => Number(subnet)),
  }
}

/** A guard over these points, with one sensor that trips at 85 degrees C. */
export const makeTestGuard = (settings: GuardSettings): Guard =>
  makeGuard({ ...makeGuardSpaces(), settings, limits: [{ sensor: 'soc-thermal', tripC: 85 }], rail: { name: 'VDD_CPU', quality: 'measured' } })

/** A simulated environment behind a guard; points draw the more power the later they come. */
export function behindGuard(env: Env, settings: GuardSettings, tripC = 70): Env {
  const points = env.spaces.points.map((_, a) => 1 + a)
  const rail = { name: 'rail', quality: 'estimated' } as const
  return guardedEnv(env, makeGuard({ spaces: env.spaces, settings, powerW: points, work: points, limits: [{ sensor: 'die', tripC }], rail }))
}

export interface HotBoard extends TwoPolicyBoard {
  /** What the sensors say from now on; undefined: it does not answer. */
  setTemp(tempC: number | undefined): void
  setPower(powerW: number | undefined): void
}

/** The board of two cores with a sensor that throttles at 85 degrees C and, with `rail`, one of the CPUs' power: at 50 degrees C and 1 W. */
export function makeHotBoard(little: number, big: number, rail = true): HotBoard {
  const zone = 'sys/class/thermal/thermal_zone0'
  const chip = 'sys/class/hwmon/hwmon0'
  const files = {
    [`${zone}/type`]: 'cpu-thermal',
    [`${zone}/temp`]: '50000',
    [`${zone}/trip_point_0_type`]: 'passive',
    [`${zone}/trip_point_0_temp`]: '85000',
    [`${zone}/trip_point_0_hyst`]: '2000',
    ...(rail
      ? { [`${chip}/name`]: 'ina226', [`${chip}/power1_label`]: 'VDD_CPU', [`${chip}/power1_input`]: '1000000', [`${chip}/update_interval`]: '1' }
      : {}),
  }
  const text = Object.entries(files).map(([path, value]) => `=== ${path}\n${value}\n`)
  const board = makeTwoPolicyBoard(little, big, text.join(''))
  const write = (path: string, value: string): void => writeFileSync(join(board.root, path), `${value}\n`)
  return {
    ...board,
    setTemp: (tempC) => write(`${zone}/temp`, tempC === undefined ? 'x' : `${Math.round(tempC * 1000)}`),
    setPower: (powerW) => write(`${chip}/power1_input`, powerW === undefined ? 'x' : `${Math.round(powerW * 1e6)}`),
  }
}
