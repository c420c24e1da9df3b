import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fitTrace } from '../../../bench/plant/folds.ts'
import { fitPaper, publishedRanges } from '../../../bench/plant/paper-cells.ts'
import { hasTrace, parseTrace, readTrace, samplePeriodS } from '../../../bench/plant/trace.ts'
import { predictWindows } from '../../../bench/plant/windows.ts'
import { fitWorkloads } from '../../../bench/plant/workloads.ts'
import { fittedLeakageOf, fittedThermalOf, leakageGrowth } from '../../../envs/sim/physics/constants.ts'
import { makeThermalNetwork } from '../../../envs/sim/physics/thermal.ts'

const folder = join(import.meta.dirname, '../../../../shared/data/traces')
const present = hasTrace(folder, 'blackscholes') && hasTrace(folder, 'single-core')

describe("the paper's ten cells, as recalled", () => {
  const fit = fitPaper()
  it('each time and energy is within 10 %', () => {
    expect(fit.cells).toHaveLength(10)
    for (const { timeS, energyJ, modelTimeS, modelEnergyJ } of fit.cells) {
      expect(Math.abs(modelTimeS / timeS - 1)).toBeLessThan(0.1)
      expect(Math.abs(modelEnergyJ / energyJ - 1)).toBeLessThan(0.1)
    }
  })

  it('the published ranges of time and energy are within 5 %', () => {
    expect(Math.abs(fit.ranges.time / publishedRanges.time - 1)).toBeLessThan(0.05)
    expect(Math.abs(fit.ranges.energy / publishedRanges.energy - 1)).toBeLessThan(0.05)
    expect(fit.quarterActivity).toBeGreaterThan(1)
  })
})

it('the measured power of an XU3 per workload is within 10 % on average, and far better than C V^2 f', () => {
  const rows = fitWorkloads().flatMap((cluster) => cluster.rows)
  const mean = (of: 'error' | 'baseline'): number => {
    const known = rows.filter((row) => !Number.isNaN(row[of]))
    return known.reduce((sum, row) => sum + row.n * row[of], 0) / known.reduce((sum, { n }) => sum + n, 0)
  }
  expect(mean('error')).toBeLessThan(0.1)
  expect(mean('error')).toBeLessThan(mean('baseline') / 3)
})

describe('a trace made by the plant itself', () => {
  it('gives its constants back, though degrees are whole and the power is delayed', () => {
    const truth = { dieJPerK: 0.2, dieKPerW: 5, caseJPerK: 20, caseKPerW: 6 }
    const network = makeThermalNetwork(truth)
    const state = { dieTempC: 0, caseTempC: 0 }
    const powers = Array.from({ length: 12_000 }, (_, i) => (Math.floor(i / 1500) % 2 === 0 ? 0.5 : 3))
    network.settle(state, 0.5, 40)
    const lines = powers.map((powerW, i) => {
      const line = `1,${Math.round(state.dieTempC)},${powers[Math.max(0, i - 5)]},${powerW > 1 ? 2000000 : 200000}`
      network.advance(state, powerW, 40, samplePeriodS)
      return line
    })
    const { thermal } = fitTrace(parseTrace(`ipc,temp_c,big_power_w,big_khz\n${lines.join('\n')}`))
    expect(thermal.rmseC).toBeLessThan(0.35)
    expect(thermal.parameters.dieKPerW).toBeCloseTo(5, 0)
    expect(thermal.parameters.caseKPerW).toBeCloseTo(6, 0)
    expect((thermal.parameters.caseKPerW * thermal.parameters.caseJPerK) / 120).toBeCloseTo(1, 1)
    expect(Math.abs(thermal.restTempC - 40)).toBeLessThan(0.5)
  })

  it('a column that is not there is named', () => {
    expect(() => parseTrace('ipc,temp_c\n1,50')).toThrow('no column big_khz')
  })
})

describe.skipIf(!present)(`50 ms traces of an XU3${present ? '' : ' (skipped: ../shared/data/traces is not here)'}`, () => {
  it('fitted on blackscholes, single-core is predicted within 2 C and 12 %, and better than by persistence', () => {
    const { thermal, power } = fitTrace(readTrace(folder, 'blackscholes'))
    const errors = predictWindows(readTrace(folder, 'single-core'), thermal, power)
    expect(errors.windows).toBeGreaterThan(100)
    expect(errors.tempC).toBeLessThan(2)
    expect(errors.tempC).toBeLessThan(errors.tempPersistenceC / 2)
    expect(errors.power).toBeLessThan(0.12)
    expect(errors.power).toBeLessThan(errors.powerPersistence / 2)
  })

  it('the constants of the simulator are those of the fit', () => {
    const { thermal, power } = fitTrace(readTrace(folder, 'blackscholes'))
    const { source: _, restW, ...parameters } = fittedThermalOf('odroid-xu4') ?? { source: '', restW: 0 }
    for (const [name, value] of Object.entries(thermal.parameters))
      expect(((parameters as Record<string, number>)[name] as number) / value).toBeCloseTo(1, 2)
    expect(restW).toBeCloseTo((thermal.restTempC - 25) / thermal.parameters.caseKPerW, 1)
    expect((fittedLeakageOf('odroid-xu4', 'a15')?.coefficientW as number) / power.leakageW).toBeCloseTo(1, 2)
    expect(leakageGrowth.perK / power.perK).toBeCloseTo(1, 2)
    expect(leakageGrowth.perV / power.perV).toBeCloseTo(1, 2)
  })
})
