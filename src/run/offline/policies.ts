import { existsSync } from 'node:fs'
import { agentKinds, agentOf, findAgent, findBoardAgent } from '../../../agents/index.ts'
import { checkSpacesFit } from '../../checkpoint/fits.ts'
import { readCheckpoint } from '../../checkpoint/reader.ts'
import type { Agent, AgentInput } from '../../core/agent.ts'
import { FlyballError } from '../../core/errors.ts'
import { makeObjective } from '../../core/objective.ts'
import { checkpointPath } from '../folder.ts'
import { findPoint } from '../incumbent.ts'
import type { JudgedPolicy } from '../judge-policy.ts'
import { priorCostOf } from '../reexecute.ts'
import { learnFromLog } from './learn.ts'
import type { Logs } from './logs.ts'

/** Where a policy that is valued on a log comes from. */
export type PolicyOrigin = 'checkpoint, frozen' | 'fixed point' | 'rule, over the logged states' | 'trained on the other folds, frozen'

export interface NamedPolicy {
  readonly name: string
  readonly origin: PolicyOrigin
  /** Made when its turn comes: learning on a long log takes its time. */
  make(): Promise<JudgedPolicy>
}

const folds = 3
const rules = ['performance', 'powersave', 'random', 'static']

/**
 * What `--policy` names: a checkpoint or the folder of a run (its greedy policy), `static:POINT`, or an agent, which learns on two thirds of the log and is valued, frozen, on the third, in three turns.
 * Throws ERR_SPACE_MISMATCH for a checkpoint of other points, ERR_USAGE for an agent that steers by what its own choices cause, which a log of others' choices cannot tell, and what reading throws.
 */
export function readPolicy(text: string, logs: Logs, decisions: number): NamedPolicy {
  const { header } = logs
  const objective = makeObjective(header.objective, header.nominal)
  const priorCost = priorCostOf(objective, header.nominal, header.requirements)
  const input: AgentInput = { spaces: header.spaces, seed: header.seed, options: {}, nominal: header.nominal, priorCost, objective }
  if (text.startsWith('static:')) {
    const point = findPoint(text.slice('static:'.length), header.spaces)
    return { name: text, origin: 'fixed point', make: async () => findAgent('static').make({ ...input, options: { point }, frozen: true }) }
  }
  if (!agentKinds.some(({ name }) => name === text) || existsSync(checkpointPath(text))) {
    const checkpoint = readCheckpoint(checkpointPath(text))
    checkSpacesFit(checkpoint.spaces, header.spaces)
    const { name, options, data } = checkpoint.agent
    return {
      name: text,
      origin: 'checkpoint, frozen',
      make: async () => agentOf(name, { ...input, options, seed: checkpoint.seed, data, frozen: true }, text),
    }
  }
  const kind = findBoardAgent(text)
  if (['alert', 'ladder', 'ondemand', 'schedutil', 'explorer'].includes(kind.name))
    throw new FlyballError(
      'ERR_USAGE',
      `--policy ${text}: ${kind.name} steers by what its own choices cause, which a log of others' choices cannot tell; expected a checkpoint, static:POINT, or a learner`,
    )
  if (rules.includes(kind.name))
    return { name: text, origin: 'rule, over the logged states', make: async () => kind.make({ ...input, frozen: true }) }
  return {
    name: text,
    origin: 'trained on the other folds, frozen',
    make: () => crossTrained(kind.passes ?? 1, (more) => kind.make({ ...input, ...more }), logs, decisions),
  }
}

/** Of every stretch of the log the policy that was learned on all others. */
async function crossTrained(passes: number, make: (more: Partial<AgentInput>) => Agent, logs: Logs, decisions: number): Promise<JudgedPolicy> {
  const objective = makeObjective(logs.header.objective, logs.header.nominal)
  const size = Math.ceil(decisions / folds)
  const policies: Agent[] = []
  for (let fold = 0; fold < folds; fold++) {
    const agent = make({})
    for (let pass = 0; pass < passes; pass++) {
      await learnFromLog(agent, objective, logs.entries(), { from: 0, to: fold * size })
      await learnFromLog(agent, objective, logs.entries(), { from: (fold + 1) * size, to: decisions })
    }
    policies.push(make({ data: agent.save(), frozen: true }))
  }
  let current = policies[0] as Agent
  return {
    at: (index) => {
      current = policies[Math.min(folds - 1, Math.floor(index / size))] as Agent
    },
    distribution: (observation, mask, out) => current.distribution(observation, mask, out),
  }
}
