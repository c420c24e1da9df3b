import { chooseEnergySources, type EnergySource, type EnergySourceInfo } from './energy-source.ts'
import { openHwmonRail, readHwmonRails } from './hwmon.ts'
import { openIioRail, readIioRails } from './iio-power.ts'
import { openPowercap, readPowercap } from './powercap.ts'

/** Every sensor of energy or power under `root`, readable or not. */
export function readEnergySources(root: string): EnergySourceInfo[] {
  return [...readPowercap(root), ...readHwmonRails(root), ...readIioRails(root)]
}

/** Opens one of them for the control loop; undefined when it cannot be read (any more). */
export function openEnergySource(info: EnergySourceInfo): EnergySource | undefined {
  const openers = { powercap: openPowercap, hwmon: openHwmonRail, iio: openIioRail }
  return openers[info.interface](info)
}

/** Opens what `chooseEnergySources` chooses as one source; undefined when there is nothing to measure with. */
export function openBestEnergy(sources: readonly EnergySourceInfo[]): EnergySource | undefined {
  const opened = chooseEnergySources(sources)
    .map(openEnergySource)
    .filter((source) => source !== undefined)
  const [first, ...others] = opened
  if (first === undefined || others.length === 0) return first
  const common = {
    name: opened.map((source) => source.name).join('+'),
    scope: first.scope,
    quality: 'measured',
    ageS: Math.max(...opened.map((source) => source.ageS)),
    close() {
      for (const source of opened) source.close()
    },
  } as const
  const sum = (read: (source: EnergySource) => number) => () => {
    let total = 0
    for (let i = 0; i < opened.length; i++) total += read(opened[i] as EnergySource)
    return total
  }
  if (first.readJ !== undefined) return { ...common, readJ: sum((source) => source.readJ?.() ?? Number.NaN) }
  return { ...common, powerW: sum((source) => source.powerW?.() ?? Number.NaN) }
}

/** Turns power readings into energy by the trapezoid rule: the sum since the first call, J. A gap in the readings adds nothing and is told by NaN. */
export function makePowerIntegral(powerW: () => number): (timeS: number) => number {
  let totalJ = 0
  let lastS = Number.NaN
  let lastW = Number.NaN
  return (timeS) => {
    const nowW = powerW()
    const stepJ = ((nowW + lastW) / 2) * (timeS - lastS)
    if (!Number.isNaN(stepJ)) totalJ += stepJ
    lastS = timeS
    lastW = nowW
    return Number.isNaN(nowW) ? Number.NaN : totalJ
  }
}
