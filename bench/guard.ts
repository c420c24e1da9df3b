import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeGuard } from '../envs/guard/guard.ts'
import { date2020 } from '../envs/sim/network.ts'
import { nominalOf } from '../envs/sim/nominal.ts'
import { specifyPlant } from '../envs/sim/plant-spec.ts'
import { readShipped } from '../src/board/known/shipped.ts'
import type { Agent } from '../src/core/agent.ts'
import type { GuardSettings } from '../src/core/guard.ts'
import { mean } from '../src/core/statistics.ts'
import { getAffinity } from '../src/linux/affinity.ts'
import { flag, openGround, print, quantile, runSteps, time } from './support.ts'

// What the guard and the undo journal cost a decision in the steady state: one point, nothing changes, real inference between decisions. Baseline: the same board without a guard and without clocks of its
// own, so without a journal; the runs alternate. The board is a folder with clocks, a temperature and a rail, on this machine's cores.

const rounds = Number(flag('rounds', '6'))
const steps = Number(flag('steps', '700'))
const calls = Number(flag('calls', '1000000'))

const all: GuardSettings = { marginC: 5, powerCapW: 1000, maxChanges: 10 }

/** The guard alone, in a loop: s a decision. */
function aloneS(): number {
  const spec = specifyPlant(readShipped('odroid-xu4'), date2020, { kind: 'nominal' })
  const { spaces } = spec.plan
  const nominal = nominalOf(spec)
  const guard = makeGuard({
    spaces,
    settings: all,
    powerW: nominal.map(({ energyJ, latencyS }) => energyJ / latencyS),
    work: nominal.map(({ energyJ }) => energyJ),
    limits: [{ sensor: 'soc', tripC: 85 }],
    rail: { name: 'rail', quality: 'measured' },
  })
  const mask = new Uint8Array(spaces.points.length)
  const tempsC = Float64Array.of(60)
  const run = (n: number): number => {
    const beganMs = performance.now()
    for (let k = 1; k <= n; k++) {
      const nowS = k / 30
      guard.power(nowS, nowS)
      guard.heat(nowS, tempsC)
      mask.fill(1)
      guard.narrow(nowS, mask)
      guard.permit(nowS, 3)
    }
    return (performance.now() - beganMs) / 1000 / n
  }
  run(calls / 10)
  guard.reset()
  return run(calls)
}

function makeBoard(): string {
  const root = mkdtempSync(join(tmpdir(), 'flyball-bench-'))
  const cpus = getAffinity(0).slice(0, 2)
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${text}\n`)
  }
  put('sys/devices/system/cpu/online', cpus.join(','))
  put('sys/devices/system/cpu/present', cpus.join(','))
  put('sys/class/thermal/thermal_zone0/type', 'cpu-thermal')
  put('sys/class/thermal/thermal_zone0/temp', '50000')
  put('sys/class/thermal/thermal_zone0/trip_point_0_type', 'passive')
  put('sys/class/thermal/thermal_zone0/trip_point_0_temp', '85000')
  put('sys/class/hwmon/hwmon0/name', 'ina226')
  put('sys/class/hwmon/hwmon0/power1_label', 'VDD_CPU')
  put('sys/class/hwmon/hwmon0/power1_input', '1000000')
  for (const cpu of cpus) {
    const policy = `sys/devices/system/cpu/cpufreq/policy${cpu}`
    put(`${policy}/related_cpus`, `${cpu}`)
    put(`${policy}/scaling_available_frequencies`, '600000 1000000 1400000')
    for (const limit of ['cpuinfo', 'scaling']) {
      put(`${policy}/${limit}_min_freq`, '600000')
      put(`${policy}/${limit}_max_freq`, '1400000')
    }
    put(`${policy}/scaling_governor`, 'schedutil')
    put(`${policy}/scaling_driver`, 'cpufreq-dt')
  }
  return root
}

/** Always the same point. */
const steady: Agent = {
  act: () => ({ action: 0, propensity: 1, greedy: 0, epsilon: 0 }),
  distribution: (_observation, _mask, out) => void out.fill(0).fill(1, 0, 1),
  learn: () => {},
  save: () => ({ version: 1, rng: [0, 0, 0, 1] }),
}

const root = makeBoard()
const kinds = [
  { name: 'neither', virtual: 'none', guard: { marginC: null } },
  { name: 'guard', virtual: 'none', guard: all },
  { name: 'guard and journal', virtual: 'auto', guard: all },
] as const
const samples = kinds.map(() => ({ senseS: [] as number[], applyS: [] as number[], inferenceS: [] as number[] }))
try {
  for (let round = 0; round < rounds; round++)
    for (const [i, { virtual, guard }] of kinds.entries()) {
      const ground = await openGround({ root, rate: flag('rate', '100'), virtual, guard })
      const { overheadS, latencyS } = await runSteps(ground.env(), steady, steps)
      const { sense, apply } = overheadS.unchanged
      samples[i]?.senseS.push(sense.p50 ?? Number.NaN)
      samples[i]?.applyS.push(apply.p50 ?? Number.NaN)
      samples[i]?.inferenceS.push(latencyS.p50 ?? Number.NaN)
      await ground.open.runtime.close()
    }
} finally {
  rmSync(root, { recursive: true, force: true })
}

const middle = (values: readonly number[]): number => quantile(values, 0.5)
const totals = samples.map(({ senseS, applyS }) => senseS.map((value, r) => value + (applyS[r] as number)))
const base = totals[0] as number[]
const rows = [['', 'sense p50', 'apply p50', 'both', 'more than neither', 'ratio', 'inference p50']]
const document = kinds.map(({ name }, i) => {
  const { senseS, applyS, inferenceS } = samples[i] as (typeof samples)[number]
  const moreS = mean((totals[i] as number[]).map((total, r) => total - (base[r] as number)))
  const ratio = middle(totals[i] as number[]) / middle(base)
  rows.push([
    name,
    time(middle(senseS)),
    time(middle(applyS)),
    time(middle(totals[i] as number[])),
    time(moreS),
    ratio.toFixed(2),
    time(middle(inferenceS)),
  ])
  return { name, senseS: middle(senseS), applyS: middle(applyS), moreS, ratio, inferenceS: middle(inferenceS), rounds }
})
const loopS = aloneS()
rows.push([`the guard alone, in a loop (${calls} calls)`, '', '', time(loopS), '', '', ''])
print(`guard and journal in the steady state (medians of ${rounds} rounds of ${steps} decisions)`, rows, { kinds: document, aloneS: loopS })
