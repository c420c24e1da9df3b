import { agentKinds, checkTakesTransfer, findAgent } from '../../../agents/index.ts'
import type { Checkpoint } from '../../checkpoint/schema.ts'
import type { AgentInput, AgentKind, Transfer } from '../../core/agent.ts'
import { FlyballError } from '../../core/errors.ts'
import type { AgentClass } from './result.ts'

/** One entry of a comparison. Plain data: worker threads get it as it is. */
export interface AgentEntry {
  /** As it is called in results. */
  readonly label: string
  readonly name: string
  readonly class: AgentClass
  readonly options: AgentInput['options']
  readonly checkpoint?: Pick<Checkpoint, 'spaces' | 'nominal' | 'objective' | 'requirements'> & { readonly data: Checkpoint['agent']['data'] }
  /** What it takes over as a prior from elsewhere. */
  readonly transfer?: Transfer
  readonly frozen: boolean
}

/** A checkpoint as it was asked for: its path and what was in it. */
export interface AskedCheckpoint {
  readonly path: string
  readonly checkpoint: Checkpoint
}

/** Left out unless named: they take far longer than the rest together, or explore for the sake of a log. */
export const onlyWhenNamed: ReadonlySet<string> = new Set(['dqn', 'planner', 'explorer'])

/** Every agent but the slow ones; those that begin better with a profile a second time with one, so that both classes have a ranking. */
export function defaultAgents(kinds: readonly AgentKind[] = agentKinds): string[] {
  return kinds
    .filter(({ name }) => !onlyWhenNamed.has(name))
    .flatMap(({ name, takesProfile }) => (takesProfile === true ? [name, `${name}${profileSuffix}`] : [name]))
}

const profileSuffix = '+profile'
const transferSuffix = '+transfer'

/**
 * The agents of a comparison: `NAME` starts from nothing (or from a profile, where it cannot do without), `NAME+profile` from a noisy profile. `settings` are
 * hyperparameters by agent name. Throws ERR_UNKNOWN_AGENT, ERR_USAGE for one that is named twice or a setting of an agent that takes no part.
 */
export function lineUp(
  names: readonly string[],
  settings: Readonly<Record<string, AgentInput['options']>> = {},
  checkpoints: readonly AskedCheckpoint[] = [],
  frozen = false,
  transfers: readonly AskedCheckpoint[] = [],
): AgentEntry[] {
  const entries = [
    ...names.map((label) => entryOf(label, settings)),
    ...checkpoints.map(({ path, checkpoint }): AgentEntry => {
      const { agent, spaces, nominal, objective, requirements } = checkpoint
      return {
        label: `${agent.name}@${path}${frozen ? ' frozen' : ''}`,
        name: findAgent(agent.name).name,
        class: 'trained',
        options: agent.options,
        checkpoint: { data: agent.data, spaces, nominal, objective, requirements },
        frozen,
      }
    }),
    ...transfers.map((asked) => transferredOf(asked, settings)),
  ]
  if (entries.length === 0) throw new FlyballError('ERR_USAGE', '--agents: no agent is named, expected at least one, e.g. --agents q-learning,static')
  entries.forEach(({ label }, i) => {
    if (entries.findIndex((other) => other.label === label) !== i) throw new FlyballError('ERR_USAGE', `--agents: ${label} is named twice`)
  })
  for (const name of Object.keys(settings))
    if (!entries.some((entry) => entry.name === name && entry.class !== 'trained'))
      throw new FlyballError('ERR_USAGE', `--set: ${findAgent(name).name} takes no part in this comparison`)
  return entries
}

function entryOf(label: string, settings: Readonly<Record<string, AgentInput['options']>>): AgentEntry {
  const asked = label.endsWith(profileSuffix)
  const name = asked ? label.slice(0, -profileSuffix.length) : label
  if (asked && name.endsWith(profileSuffix)) throw new FlyballError('ERR_USAGE', `--agents: ${label} asks for a profile twice, once is enough`)
  const kind = findAgent(name)
  if (asked && kind.takesProfile !== true) throw new FlyballError('ERR_USAGE', `--agents ${label}: ${noProfileFor(kind)}`)
  const options = settings[kind.name] ?? {}
  return { label, name: kind.name, class: classOf(kind, asked, options), options, frozen: false }
}

function transferredOf(
  { path, checkpoint: { agent, spaces } }: AskedCheckpoint,
  settings: Readonly<Record<string, AgentInput['options']>>,
): AgentEntry {
  const kind = findAgent(agent.name)
  checkTakesTransfer(kind, `--transfer ${path}`)
  return {
    label: `${kind.name}${transferSuffix}@${path}`,
    name: kind.name,
    class: 'transferred',
    options: settings[kind.name] ?? {},
    transfer: { spaces, options: agent.options, data: agent.data },
    frozen: false,
  }
}

function noProfileFor({ name, needs }: AgentKind): string {
  if (needs === 'profile') return `${name} always begins with a profile, expected ${name}`
  const takers = agentKinds.filter(({ takesProfile }) => takesProfile === true).map((kind) => kind.name)
  return `a profile changes nothing for ${name}; those that take one are ${takers.join(', ')}`
}

function classOf(kind: AgentKind, profiled: boolean, options: AgentInput['options']): AgentClass {
  if (kind.needs === 'truth') return 'reference'
  // `alert` alone can do with a prior in its profile's place.
  if (options['prior'] === true) return 'nothing'
  if (profiled || kind.needs === 'profile') return 'profiled'
  // Without a profile the best fixed point is known only with hindsight; a point that was named knows nothing.
  return kind.name === 'static' && Number(options['point'] ?? -1) < 0 ? 'reference' : 'nothing'
}
