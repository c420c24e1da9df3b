import { parseRate } from '../../envs/board/arrivals.ts'
import { type BoardEnv, makeBoardEnv } from '../../envs/board/board-env.ts'
import { type GovernedCluster, governedClusters, type VirtualMethod } from '../../envs/board/clusters.ts'
import { checkAllowed, parseCores } from '../../envs/board/cores.ts'
import type { AnytimeSettings } from '../../envs/board/early-stop.ts'
import { parseInterfere } from '../../envs/board/interfere.ts'
import { makeRuntime, type Runtime } from '../../envs/board/runtime.ts'
import { type Board, fingerprintOf } from '../board/board.ts'
import { discoverBoard } from '../board/discover.ts'
import type { BoardId, NetworkId } from '../checkpoint/parts.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { FlyballError } from '../core/errors.ts'
import { defaultMarginC, type GuardSettings } from '../core/guard.ts'
import type { Requirements } from '../core/outcome.ts'
import { getAffinity } from '../linux/affinity.ts'
import { formatCpuList } from '../linux/cpulist.ts'
import type { RestorePolicy } from '../linux/journal-file.ts'
import { readCpuList } from '../linux/online.ts'
import { type Network, openNetwork } from '../network/manifest.ts'
import { makeNetworkSample } from '../network/sample-input.ts'
import type { BoardSettings } from './settings.ts'
import { networkDir } from './shipped.ts'

/** What a user may say about the board environment; the rest is found out. */
export interface BoardRequest {
  readonly root: string
  readonly rate: string
  readonly clusters?: string | undefined
  readonly virtual: VirtualMethod
  /** Cores to leave to others, as `0+2-3`. */
  readonly reserve?: string | undefined
  readonly interfere: readonly string[]
  /** Write knobs again that others change. Default: leave them to them. */
  readonly forceKnobs?: boolean | undefined
  readonly anytime?: AnytimeSettings | undefined
  /** Over the default: 5 degrees below the board's trip points, no cap, no limits. */
  readonly guard?: Partial<GuardSettings> | undefined
  /** When kernel knobs are put back. Default: at the end. */
  readonly restore?: RestorePolicy | undefined
  /** A run that does not move for so long is ended and its knobs put back, s; 0: nobody watches. Default: `defaultWatchdogS`. */
  readonly watchdogS?: number | undefined
}

export const defaultGuard: GuardSettings = { marginC: defaultMarginC }

export const defaultWatchdogS = 20
/** Less would take a slow disk for a stuck run. */
export const leastWatchdogS = 1

// Points grow with the product of levels, cores and sub-networks, and each must be tried: five levels keep the shape of a V²f curve.
const mostLevels = 5

/** Finds out what can be governed and settles it. Throws for a bad rate, co-runner, cluster or core before anything is started. */
export function resolveBoard(request: BoardRequest): BoardSettings {
  parseRate(request.rate)
  const coRunners = request.interfere.map((spec) => parseInterfere(spec))
  const board = discover(request.root)
  const own = getAffinity(0)
  const reserved = request.reserve === undefined ? [] : parseCores(request.reserve, '--reserve')
  checkAllowed(reserved, own, '--reserve')
  const allowed = own.filter((cpu) => !reserved.includes(cpu))
  for (const { cpus } of coRunners) if (cpus !== undefined) checkAllowed(cpus, allowed, '--interfere cpus')
  const clusters = governedClusters(board, {
    ...(request.clusters === undefined ? {} : { split: request.clusters }),
    virtual: request.virtual,
    allowed,
    mostLevels,
  })
  if (clusters.some((cluster) => cluster.frequency === 'bandwidth') && request.rate !== 'back-to-back')
    throw new FlyballError(
      'ERR_USAGE',
      '--virtual bandwidth holds back only load without pauses (short bursts slip through a quota), expected --rate back-to-back or --virtual pacing',
    )
  return {
    name: 'board',
    root: request.root,
    clusters: clusters as BoardSettings['clusters'],
    reserved,
    rate: request.rate,
    interfere: [...request.interfere],
    ...(request.forceKnobs === true ? { forceKnobs: true } : {}),
    ...(request.anytime === undefined ? {} : { anytime: request.anytime }),
    guard: { ...defaultGuard, ...request.guard },
    ...(request.restore === undefined ? {} : { restore: request.restore }),
    ...(request.watchdogS === undefined ? {} : { watchdogS: request.watchdogS }),
  }
}

function discover(root: string): Board {
  // The machine itself may say nothing, as in a container, and is governed all the same; a folder that says nothing is a slip.
  if (root !== '/' && readCpuList(root, 'online') === undefined)
    throw new FlyballError('ERR_UNKNOWN_BOARD', `--root: nothing under '${root}' looks like a board, expected at least sys/devices/system/cpu/online`)
  return discoverBoard({ root })
}

export interface OpenBoard {
  readonly board: Board
  readonly boardId: BoardId
  readonly network: Network
  readonly networkId: NetworkId
  readonly runtime: Runtime
}

/** Opens sensors, knobs and inference threads as settled. `guest`: in an application's own process, which no watchdog ends. */
export async function openBoard(
  settings: BoardSettings,
  networkSource: string,
  onProblem: (message: string) => void,
  guest = false,
): Promise<OpenBoard> {
  const board = discover(settings.root)
  const network = openNetwork(networkDir(networkSource))
  if (settings.anytime !== undefined && network.manifest.kind === 'variants')
    throw new FlyballError('ERR_USAGE', `--anytime: ${network.manifest.name} has variants, which do not add up, expected a network of increments`)
  const allowed = getAffinity(0).filter((cpu) => !settings.reserved.includes(cpu))
  const clusters = settings.clusters as readonly GovernedCluster[]
  const absent = clusters.filter(({ cpus }) => !cpus.some((cpu) => allowed.includes(cpu)))
  for (const { id, cpus } of absent)
    onProblem(`cluster ${id} (core ${formatCpuList(cpus)}): this process may use none of its cores now; its points are masked until it may`)
  const denied = clusters.filter(({ frequency, boardCluster }) => frequency === 'fixed' && isDenied(board, boardCluster)).map(({ id }) => id)
  if (denied.length > 0)
    onProblem(`no permission to set the frequency of ${denied.join(', ')}: it is left to the kernel; flyball doctor --fix prints what grants it`)
  const { root, forceKnobs, restore, watchdogS = defaultWatchdogS } = settings
  const watchdog = watchdogS > 0 ? { limitS: watchdogS, ends: !guest } : undefined
  const guard = settings.guard ?? defaultGuard
  const runtime = await makeRuntime({ root, board, network, clusters, allowed, forceKnobs, restore, watchdog, guard, onProblem })
  return {
    board,
    boardId: { id: board.id, fingerprint: fingerprintOf(board) },
    network,
    networkId: { name: network.manifest.name, sha256s: network.manifest.units.map((unit) => unit.sha256) },
    runtime,
  }
}

const isDenied = (board: Board, cluster: string): boolean => board.clusters.some(({ id, writable }) => id === cluster && writable === 'denied')

export interface EnvExtras {
  readonly requirements: Requirements
  readonly advise: boolean
  readonly clock?: Clock
}

// Large pictures fewer times: they are only there to be different.
const mostPayloads = 16
const payloadNumbers = 2 ** 22

/** The opened board as an environment with its stream of requests; synthetic pictures stand in for a camera. */
export function boardEnv(open: OpenBoard, settings: BoardSettings, extras: EnvExtras): BoardEnv {
  const payloads = Math.max(2, Math.min(mostPayloads, Math.floor(payloadNumbers / open.runtime.lanes.input.length)))
  return makeBoardEnv(
    open.runtime,
    {
      rate: parseRate(settings.rate),
      interfere: settings.interfere.map((spec) => parseInterfere(spec)),
      requirements: extras.requirements,
      inputs: Array.from({ length: payloads }, (_, i) => makeNetworkSample(open.network.manifest, i)),
      advise: extras.advise,
      anytime: settings.anytime,
    },
    extras.clock ?? systemClock,
  )
}
