import type { TopLevelSpec } from 'vega-lite'
import { makeWorldState, type World } from '../../envs/world/world.ts'
import { writeFileAtomic } from '../network/write-file.ts'
import { background, blue, draw, green, grey, orange } from './draw.ts'

/** One line of a panel at one moment, s of the scenario's clock. */
interface Sample {
  readonly timeS: number
  readonly name: string
  readonly value: number
}

export interface PictureOptions {
  readonly title: string
  readonly seed: number
  /** Of the scenario's clock, s. */
  readonly durationS: number
}

/** Moments at which the world is looked at: more than the picture has pixels. */
const looks = 1200
const bins = 60

/** Draws what a seed makes of a world: what others take, cores, heat, drift, broken sensors, requests. What never changes is left out. */
export async function writeScenarioPicture(world: World, options: PictureOptions, path: string): Promise<void> {
  writeFileAtomic(path, await draw(specOf(world, options)))
}

type Panel = 'shares' | 'cores' | 'ambient' | 'slowdown' | 'faults' | 'phase'
const titles: Readonly<Record<Panel, string>> = {
  shares: 'share that others take',
  cores: 'cores there',
  ambient: 'ambient temperature (degC)',
  slowdown: 'factor on every latency',
  faults: 'sensors (0 well, 1 stale, 2 jumping, 3 missing)',
  phase: 'requirements, phase by phase',
}

function specOf(world: World, { title, seed, durationS }: PictureOptions): TopLevelSpec {
  const panels = look(world, seed, durationS)
  const shown = (Object.keys(titles) as Panel[]).filter((panel) => changes(panels[panel]))
  const domain = [0, durationS]
  const x = { field: 'timeS', type: 'quantitative', title: null, scale: { domain, nice: false } } as const
  return {
    background,
    title: { text: title, anchor: 'start' },
    resolve: { scale: { color: 'independent' } },
    vconcat: [
      ...shown.map((panel) => ({
        width: 760,
        height: panel === 'shares' ? 110 : 60,
        title: { text: titles[panel], anchor: 'start' as const, fontWeight: 'normal' as const, fontSize: 11 },
        data: { values: [...panels[panel]] },
        mark: { type: 'line' as const, interpolate: 'step-after' as const, strokeWidth: 1.5 },
        encoding: {
          x,
          y: { field: 'value', type: 'quantitative' as const, title: null, scale: { zero: panel !== 'ambient' && panel !== 'slowdown' } },
          color: { field: 'name', type: 'nominal' as const, title: null, scale: { range: [blue, orange, green, grey] } },
        },
      })),
      {
        width: 760,
        height: 60,
        title: {
          text: world.rateHz === undefined ? 'requests come back to back' : 'requests per second',
          anchor: 'start',
          fontWeight: 'normal',
          fontSize: 11,
        },
        data: { values: [...ratesOf(world, durationS)] },
        mark: { type: 'bar', color: grey },
        encoding: {
          x: { ...x, bin: 'binned', title: "seconds of the scenario's clock" },
          x2: { field: 'toS' },
          y: { field: 'rateHz', type: 'quantitative', title: null },
        },
      },
    ],
  }
}

const changes = (samples: readonly Sample[]): boolean => samples.some(({ name, value }) => value !== samples.find((one) => one.name === name)?.value)

const faultLevels = ['none', 'stale', 'jumping', 'missing']

function look(world: World, seed: number, durationS: number): Record<Panel, Sample[]> {
  const panels: Record<Panel, Sample[]> = { shares: [], cores: [], ambient: [], slowdown: [], faults: [], phase: [] }
  const state = makeWorldState(world.clusters)
  world.reset(seed)
  for (let i = 0; i < looks; i++) {
    const timeS = (i / looks) * durationS
    world.at(timeS / world.timeScale, state)
    const add = (panel: Panel, name: string, value: number): void => {
      panels[panel].push({ timeS, name, value })
    }
    for (const [c, { id }] of world.clusters.entries()) {
      add('shares', id, state.interference[c] as number)
      add('cores', id, state.availableCores[c] as number)
    }
    add('shares', 'memory', state.bandwidthShare)
    add('ambient', 'air', state.ambientTempC)
    add('slowdown', 'board', state.slowdown)
    add('faults', 'thermometer', faultLevels.indexOf(state.tempFault))
    add('faults', 'load meters', faultLevels.indexOf(state.interferenceFault))
    add('phase', 'phase', state.phase)
  }
  return panels
}

/** Requests in each bin of the scenario, per second of requests; none where they come back to back. */
function ratesOf(world: World, durationS: number): { timeS: number; toS: number; rateHz: number }[] {
  const widthS = durationS / bins
  const counts = new Array<number>(bins).fill(0)
  for (let k = 0; ; k++) {
    const timeS = world.arrivalS(k) * world.timeScale
    if (!(timeS < durationS)) break
    const bin = Math.floor(timeS / widthS)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts.map((count, i) => ({ timeS: i * widthS, toS: (i + 1) * widthS, rateHz: (count * world.timeScale) / widthS }))
}
