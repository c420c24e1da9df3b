import { join } from 'node:path'
import type { EnergySourceInfo } from '../linux/energy-source.ts'
import { readText } from '../linux/files.ts'
import type { ThermalZone } from '../linux/thermal.ts'

/** The command that makes a sensor answer; null where none is known. */
export function fixOf(sensor: EnergySourceInfo | ThermalZone): string | null {
  if (!('access' in sensor)) return fixOfZone(sensor)
  const paths = sensor.paths.join(' ')
  return sensor.access === 'denied' ? `sudo chgrp "$(id -gn)" ${paths} && sudo chmod g+r ${paths}` : null
}

function fixOfZone({ path, file }: ThermalZone): string | null {
  const mode = join(path, 'mode')
  return file === undefined && readText(mode) === 'disabled' ? `echo enabled | sudo tee ${mode}` : null
}
