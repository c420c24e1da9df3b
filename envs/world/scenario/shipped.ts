import { readdirSync, readFileSync } from 'node:fs'
import { FlyballError } from '../../../src/core/errors.ts'
import { nearest } from '../../../src/core/nearest.ts'
import { parseScenario, readScenarioFile } from './read.ts'
import type { Scenario } from './schema.ts'

// The compiler copies these files beside its output: tsconfig.build.json names them.
const folder = new URL('../scenarios/', import.meta.url)

/** Names of the scenarios that ship with flyball, in alphabetical order. */
export function scenarioNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

/** A shipped scenario by its name, or a file by its path, which ends in `.json`. Throws ERR_UNKNOWN_SCENARIO or ERR_SCENARIO. */
export function readScenario(nameOrPath: string): Scenario {
  if (nameOrPath.endsWith('.json')) return readScenarioFile(nameOrPath)
  const names = scenarioNames()
  if (names.includes(nameOrPath))
    return parseScenario(readFileSync(new URL(`${nameOrPath}.json`, folder), 'utf8'), `the shipped scenario ${nameOrPath}`)
  const close = nearest(nameOrPath, names)
  throw new FlyballError(
    'ERR_UNKNOWN_SCENARIO',
    `no scenario is called '${nameOrPath}', ${close.length > 0 ? `did you mean ${close.join(' or ')}?` : `expected one of ${names.join(', ')}, or a file that ends in .json`}`,
  )
}
