import type { AgentInput, OptionSpec } from '../src/core/agent.ts'
import { FlyballError } from '../src/core/errors.ts'

/** Values by option name: booleans where the default is one, numbers elsewhere. */
export type OptionValues<S extends readonly OptionSpec[]> = {
  readonly [K in S[number]['name']]: Extract<S[number], { readonly name: K }>['default'] extends boolean ? boolean : number
}

/** Defaults overlaid with what was given. Throws ERR_UNKNOWN_OPTION naming the options there are, and ERR_RANGE for a value outside its range or of the wrong type. */
export function readOptions<const S extends readonly OptionSpec[]>(agent: string, specs: S, given: AgentInput['options']): OptionValues<S> {
  const values: Record<string, number | boolean> = {}
  for (const spec of specs) values[spec.name] = spec.default
  for (const [name, value] of Object.entries(given)) {
    const spec = specs.find((candidate) => candidate.name === name)
    if (spec === undefined) {
      const known = specs.length === 0 ? 'it has none' : `expected one of ${specs.map((candidate) => candidate.name).join(', ')}`
      throw new FlyballError('ERR_UNKNOWN_OPTION', `agent ${agent} has no option ${name}, ${known}`)
    }
    checkValue(agent, spec, value)
    values[name] = value
  }
  return values as OptionValues<S>
}

function checkValue(agent: string, spec: OptionSpec, value: number | boolean): void {
  const low = spec.low ?? Number.NEGATIVE_INFINITY
  const high = spec.high ?? Number.POSITIVE_INFINITY
  if (typeof spec.default === 'boolean' ? typeof value === 'boolean' : typeof value === 'number' && value >= low && value <= high) return
  const wanted = typeof spec.default === 'boolean' ? 'true or false' : `a number in [${low}, ${high}]`
  throw new FlyballError('ERR_RANGE', `agent ${agent}: option ${spec.name} is ${value}, expected ${wanted}`)
}
