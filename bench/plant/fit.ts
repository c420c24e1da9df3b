import { print } from '../support.ts'
import { dataFolder, hasTraces } from './data.ts'
import { crossValidate, fitTrace, jackknife, pool, type TraceFit } from './folds.ts'
import { fitPaper } from './paper-cells.ts'
import { readTrace } from './trace.ts'
import { fitWorkloads } from './workloads.ts'

// Constants of the simulated plant as envs/sim/physics/constants.ts carries them, each with its standard error where the data allow one.

const stretches = 10

interface Constant {
  readonly name: string
  readonly unit: string
  of(fit: TraceFit): number
}

const constants: readonly Constant[] = [
  { name: 'dieJPerK', unit: 'J/K', of: ({ thermal }) => thermal.parameters.dieJPerK },
  { name: 'dieKPerW', unit: 'K/W', of: ({ thermal }) => thermal.parameters.dieKPerW },
  { name: 'caseJPerK', unit: 'J/K', of: ({ thermal }) => thermal.parameters.caseJPerK },
  { name: 'caseKPerW', unit: 'K/W', of: ({ thermal }) => thermal.parameters.caseKPerW },
  { name: 'rest temperature', unit: 'C', of: ({ thermal }) => thermal.restTempC },
  { name: 'restW, room assumed 25 C', unit: 'W', of: ({ thermal }) => (thermal.restTempC - 25) / thermal.parameters.caseKPerW },
  { name: 'leakage at 1 V, 25 C', unit: 'W', of: ({ power }) => power.leakageW },
  { name: 'leakage perK', unit: '1/K', of: ({ power }) => power.perK },
  { name: 'leakage perV', unit: '1/V', of: ({ power }) => power.perV },
  { name: 'switched, idle', unit: 'nF', of: ({ power }) => power.idleF * 1e9 },
  { name: 'switched, one busy core', unit: 'nF', of: ({ power }) => power.busyF * 1e9 },
  { name: 'switched, per ipc', unit: 'nF', of: ({ power }) => power.workF * 1e9 },
]

if (hasTraces('blackscholes')) {
  const trace = readTrace(dataFolder, 'blackscholes')
  const whole = fitTrace(trace)
  const folds = crossValidate(trace, whole, stretches)
  const rows = constants.map(({ name, unit, of }) => ({ name, unit, value: of(whole), error: jackknife(folds.map(of)) }))
  print(
    `odroid-xu4, A15: fitted on ${trace.length} samples of blackscholes on an XU3; standard errors by the jackknife over ${stretches} stretches`,
    [['constant', 'value', 'error', 'unit'], ...rows.map(({ name, unit, value, error }) => [name, value.toPrecision(4), error.toPrecision(2), unit])],
    rows,
  )
  const errors = pool(folds)
  print(
    'cross-validation: each stretch predicted by the fit to the nine others, windows of 10 s',
    [
      ['', 'error', 'persistence', 'windows'],
      ['temperature given power, RMSE', `${errors.tempC.toFixed(2)} C`, `${errors.tempPersistenceC.toFixed(2)} C`, `${errors.windows}`],
      ['mean power, MAPE', percent(errors.power), percent(errors.powerPersistence), `${errors.windows}`],
    ],
    errors,
  )
}

const workloads = fitWorkloads()
print(
  'XU3, power per workload of the catalogue: shared terms of a cluster, and the range of activities over its capacitance',
  [
    ['cluster', 'base W', 'idle leakage W', 'core leakage W', 'per V', 'idle nF', 'activity'],
    ...workloads.map(({ cluster, baseW, idleLeakageW, coreLeakageW, perV, idleF, rows }) => {
      const activities = rows.map(({ activity }) => activity).filter((one) => !Number.isNaN(one))
      const range = `${Math.min(...activities).toFixed(2)} to ${Math.max(...activities).toFixed(2)}`
      return [cluster, ...[baseW, idleLeakageW, coreLeakageW, perV, idleF * 1e9].map((one) => one.toPrecision(3)), range]
    }),
  ],
  workloads,
)

const paper = fitPaper()
print(
  "the paper's ten cells, as recalled: constants of each rail (with two points they fit exactly and have no error)",
  [
    ['board', 'cluster', 'points', 'cycles per inference', 'switched nF', 'base W'],
    ...paper.clusters.map(({ board, cluster, points, cycles, switchedF, baseW }) => [
      board,
      cluster,
      `${points}`,
      `${(cycles / 1e6).toFixed(2)} M`,
      (switchedF * 1e9).toFixed(3),
      baseW.toFixed(3),
    ]),
  ],
  paper.clusters,
)

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`
}
