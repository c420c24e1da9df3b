import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { sourceProblem } from '../../../src/board/known/rules.ts'
import { describeIssues } from '../../../src/board/known/values.ts'
import { FlyballError } from '../../../src/core/errors.ts'
import { parseJson } from '../../../src/core/json.ts'
import { problemOf } from './rules.ts'
import { type Scenario, scenarioSchema } from './schema.ts'

/** Reads a user's scenario file. Throws ERR_SCENARIO, which names file and field. */
export function readScenarioFile(path: string): Scenario {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new FlyballError('ERR_SCENARIO', `${path} cannot be read, expected a scenario file: ${(error as Error).message}`, { cause: error })
  }
  return parseScenario(text, path)
}

/** The scenario in `text`; `where` names it in errors. Pure. Throws ERR_SCENARIO naming the field, what was found and what would be right. */
export function parseScenario(text: string, where: string): Scenario {
  const fail = (message: string, cause?: unknown): never => {
    throw new FlyballError('ERR_SCENARIO', `${where}: ${message}`, { cause })
  }
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    return fail(`is not JSON: ${(error as Error).message}`, error)
  }
  const parsed = v.safeParse(scenarioSchema, json)
  if (!parsed.success) return fail(describeIssues(parsed.issues))
  const problem = problemOf(parsed.output) ?? sourcesProblem(json as Pick<Scenario, 'sources'>)
  return problem === undefined ? parsed.output : fail(problem)
}

/** Files of a user may leave sources out; what has some has them for everything that it says itself. */
function sourcesProblem({ sources, ...rest }: Pick<Scenario, 'sources'>): string | undefined {
  return sources === undefined ? undefined : sourceProblem({ ...rest, sources })
}
