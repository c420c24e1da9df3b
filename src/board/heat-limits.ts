import type { HeatLimit } from '../core/guard.ts'
import type { ThermalZone, Trip } from '../linux/thermal.ts'
import type { Board } from './board.ts'

// At a critical trip the kernel switches the board off: a limit that is made of one keeps well away.
const belowCriticalC = 15

/**
 * Where the board would throttle by itself, of each of its CPU zones in their order: the zone's lowest passive trip, if that is below its critical one, else its hot one, else 15 degrees below its
 * critical one; where the firmware of a known board throttles before that, its figure. Infinite where nothing is known.
 */
export function heatLimits({ cpuZones, firmwareTripC }: Pick<Board, 'cpuZones' | 'firmwareTripC'>): HeatLimit[] {
  return cpuZones.map(({ type, trips }) => ({ sensor: type, tripC: Math.min(tripOf(trips), firmwareTripC ?? Number.POSITIVE_INFINITY) }))
}

function tripOf(trips: readonly Trip[]): number {
  const lowest = (wanted: string): number => Math.min(...trips.filter(({ type }) => type === wanted).map(({ tempC }) => tempC))
  const [passiveC, hotC, criticalC] = [lowest('passive'), lowest('hot'), lowest('critical')]
  // Firmware gets these wrong now and then. On Intel's chips the hot one may be the critical one, where they throttle.
  if (passiveC < criticalC) return passiveC
  return hotC <= criticalC && Number.isFinite(hotC) ? hotC : criticalC - belowCriticalC
}

/** In words, why there is nothing to guard by; undefined where there is. */
export function whyNoHeatLimit(board: Pick<Board, 'cpuZones' | 'thermalZones' | 'firmwareTripC'>): string | undefined {
  if (board.thermalZones.length === 0) return 'the kernel has no thermal zones'
  if (board.cpuZones.length === 0) return 'no thermal zone is of the CPUs'
  return heatLimits(board).some(({ tripC }) => Number.isFinite(tripC)) ? undefined : `${namesOf(board.cpuZones)} has no trip points`
}

const namesOf = (zones: readonly ThermalZone[]): string => zones.map(({ type }) => type).join(', ')
