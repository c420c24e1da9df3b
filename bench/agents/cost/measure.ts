import type { Agent, Choice, Transition } from '../../../src/core/agent.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Step } from '../../../src/core/env.ts'
import { atOnce } from '../../../src/run/compare/episode.ts'
import type { CostGround } from './space.ts'

/** Takes decisions in an environment, one after the other; each call answers what `act` and `learn` took, s. No allocation of its own but what the environment makes. */
export function makeDecider({ env, objective }: CostGround, agent: Agent, learns: boolean): () => number {
  const { spaces } = env
  let observation = new Float64Array(spaces.monitors.length)
  let nextObservation = observation.slice()
  let mask = new Uint8Array(spaces.points.length)
  let nextMask = mask.slice()
  const transition = {} as Transition
  let round = 0
  const begin = (): void => {
    const start = atOnce(env.reset({ seed: 1 + round++, boardSeed: 1 }))
    observation.set(start.observation)
    mask.set(start.mask)
  }
  begin()
  return () => {
    const actS = systemClock.now()
    const { action, propensity } = agent.act(observation, mask) as Choice
    let spentS = systemClock.now() - actS
    const step = env.step(action) as Step
    nextObservation.set(step.observation)
    nextMask.set(step.mask)
    if (learns) {
      transition.observation = observation
      transition.mask = mask
      transition.action = step.executedAction
      transition.propensity = propensity
      transition.outcome = step.outcome
      transition.requirements = step.requirements
      transition.cost = objective.cost(step.outcome, step.requirements)
      transition.durationS = step.durationS
      transition.nextObservation = nextObservation
      transition.nextMask = nextMask
      const learnS = systemClock.now()
      agent.learn(transition)
      spentS += systemClock.now() - learnS
    }
    const [heldObservation, heldMask] = [observation, mask]
    observation = nextObservation
    mask = nextMask
    nextObservation = heldObservation
    nextMask = heldMask
    if (step.truncated) begin()
    return spentS
  }
}
