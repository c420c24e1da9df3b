import { parseRate } from '../../../envs/board/arrivals.ts'
import { parseCores } from '../../../envs/board/cores.ts'
import { parseInterfere } from '../../../envs/board/interfere.ts'
import { parseDeadline, parsePositive, parseQuantity } from '../../../src/core/units.ts'
import { parseExplore } from '../../../src/run/explore.ts'
import { parseWeights } from '../../../src/run/request.ts'
import { type FuzzedParser, promise, verdictOf } from '../parser.ts'

const argument = (name: string, covers: string, samples: readonly string[], parse: (text: string) => unknown): FuzzedParser => ({
  name: `argument-${name}`,
  covers: [covers],
  form: 'text',
  corpus: () => samples.map((text) => Buffer.from(text)),
  parse: (input) => verdictOf(() => parse(input.toString('utf8'))),
})

/** Texts of the command line that stand in files too: run.json holds rates, cores and co-runners. */
export const argumentParsers = (): FuzzedParser[] => [
  argument('rate', 'envs/board/arrivals.ts parseRate', ['30', 'poisson:30', 'back-to-back', '.5'], (text) => {
    const spec = parseRate(text)
    promise(spec.kind === 'closed' || (spec.rateHz > 0 && spec.rateHz <= 1e6), 'a rate can be kept')
  }),
  argument('cores', 'envs/board/cores.ts parseCores', ['0', '0+2-3', '1-7'], (text) => parseCores(text, '--reserve')),
  argument('interfere', 'envs/board/interfere.ts parseInterfere', ['cpu:1@0.8,cpus=0+1,on=3s,off=3s,move', 'cpu:2@1'], (text) =>
    parseInterfere(text),
  ),
  argument('quantity', 'src/core/units.ts parseQuantity', ['33ms', '1.5s'], (text) =>
    promise(Number.isFinite(parseQuantity(text, 'time', 'x')), 'finite'),
  ),
  argument('positive', 'src/core/units.ts parsePositive', ['1.8GHz', '600MHz'], (text) => parsePositive(text, 'frequency', 'x')),
  argument('deadline', 'src/core/units.ts parseDeadline', ['33ms', '1.5x'], (text) => parseDeadline(text, 'x')),
  argument('weights', 'src/run/request.ts parseWeights', ['latency=1,energy=0.5', 'accuracy=2'], (text) => parseWeights(text)),
  argument('explore', 'src/run/explore.ts parseExplore', ['epsilon:0.2', 'softmax:0.5', 'safe:30%'], (text) => parseExplore(text)),
]
