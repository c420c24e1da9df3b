import { findAgent } from '../../agents/index.ts'
import { discoverBoard } from '../board/discover.ts'
import { governable } from '../board/governable.ts'
import type { Agent } from '../core/agent.ts'
import type { OperatingPoint } from '../core/spaces.ts'
import type { Interval } from '../core/statistics.ts'
import { getAffinity } from '../linux/affinity.ts'
import { bestOf, interleave, pairedDifference } from './blocks.ts'
import type { RunEvents } from './events.ts'
import type { Existing } from './folder.ts'
import type { RunResult } from './learn.ts'
import { agentInput } from './session.ts'
import type { RunSummary } from './tally.ts'
import { trainThen } from './train.ts'

export interface DemoRequest {
  readonly out: string
  readonly seed: number
  readonly network: string
  readonly existing: Exclude<Existing, 'resume'>
}

export interface DemoResult extends RunResult {
  /** What is governed on this machine, and what the rest would need. */
  readonly governs: string
  readonly coRunner: string
  readonly cycles: number
  readonly fixed: { readonly point: OperatingPoint; readonly summary: RunSummary }
  readonly learned: { readonly summary: RunSummary }
  /** Cost of the learned policy less that of the fixed point, block by block. */
  readonly difference: Interval
}

const rateHz = 30
// A burst and a pause: learning spans fourteen of them, a block of the comparison one.
const burstS = 1.5
const cycleSteps = 2 * burstS * rateHz
const cycles = 14
const fixedCandidates = 3
const comparedBlocks = 4

/** The first run on a fresh machine: about a minute, never root, real inference beside a real co-runner that moves from core to core. */
export async function demo({ out, seed, network, existing }: DemoRequest, events: RunEvents): Promise<DemoResult> {
  const board = discoverBoard()
  const clusters = virtualClusters(board.clusters.filter((cluster) => cluster.kind === 'cpu').length)
  const coRunner = `cpu:1@0.8,on=${burstS}s,off=${burstS}s,move`
  const governs =
    clusters === undefined ? governable(board) : `sub-network + virtual cluster + virtual OPPs (paced); on this board itself: ${governable(board)}`
  events.note(`governs: ${governs}`)
  return trainThen(
    {
      board: { root: '/', rate: `${rateHz}`, clusters, virtual: clusters === undefined ? 'auto' : 'pacing', interfere: [coRunner] },
      network,
      agent: 'q-learning',
      agentOptions: {},
      wish: { deadline: { times: 2 } },
      steps: cycles * cycleSteps,
      seed,
      out,
      existing,
    },
    events,
    async ({ session, agent, result, end }) => {
      const { env, objective, settings } = session
      const { points } = env.spaces
      const input = agentInput(session, true)
      const fixed = (point: number): Agent => findAgent('static').make({ ...input, options: { point } })
      const promising = points
        .map((_, a) => a)
        .sort((a, b) => (input.priorCost?.[a] as number) - (input.priorCost?.[b] as number))
        .slice(0, fixedCandidates)
      const tried = await interleave(
        {
          env,
          objective,
          contestants: promising.map((a) => ({ name: `${a}`, agent: fixed(a) })),
          blocks: 1,
          steps: cycleSteps,
          events,
          label: 'trying fixed points',
        },
        end,
      )
      const best = Number(bestOf(tried.results).name)
      const learned = findAgent(settings.agent.name).make({ ...input, data: agent.save() })
      const compared = await interleave(
        {
          env,
          objective,
          contestants: [
            { name: 'learned', agent: learned },
            { name: 'fixed', agent: fixed(best) },
          ],
          blocks: comparedBlocks,
          steps: cycleSteps,
          events,
          label: 'comparing',
        },
        tried.end,
      )
      const [mine, theirs] = compared.results
      if (mine === undefined || theirs === undefined) throw new Error('two contestants give two results')
      return {
        ...result,
        governs,
        coRunner,
        cycles,
        fixed: { point: points[best] as OperatingPoint, summary: theirs.summary },
        learned: { summary: mine.summary },
        difference: pairedDifference(mine, theirs),
      }
    },
  )
}

/** Two halves of the usable cores where the board has one CPU cluster and more than one core; else what the board has. */
function virtualClusters(found: number): string | undefined {
  const cpus = getAffinity(0)
  if (found !== 1 || cpus.length < 2) return undefined
  const half = Math.ceil(cpus.length / 2)
  return [cpus.slice(0, half), cpus.slice(half)].map((part) => part.join('+')).join(',')
}
