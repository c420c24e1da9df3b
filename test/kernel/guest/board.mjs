// What scenarios in the guest share: the board's files and fake hardware, and where results go.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'

const zone = '/sys/class/thermal/thermal_zone0/temp'
export const cpufreq = '/sys/devices/system/cpu/cpufreq'
export const policies = [`${cpufreq}/policy0`, `${cpufreq}/policy2`]
export const tablesHz = [
  [4e8, 7e8, 1e9, 1.2e9, 1.4e9],
  [6e8, 1e9, 1.4e9, 1.7e9, 2e9],
]

export const sleep = (timeMs) => new Promise((resolve) => setTimeout(resolve, timeMs))
export const read = (path) => readFileSync(path, 'utf8').trim()
/** Text of a kernel file, or the code of its refusal. */
export const answer = (path) => {
  try {
    return read(path)
  } catch (error) {
    return error.code
  }
}
export const write = (path, value) => writeFileSync(path, `${value}\n`)
/** Text that was taken, or the code of the refusal. */
export const tryWrite = (path, value) => {
  try {
    write(path, value)
    return 'taken'
  } catch (error) {
    return error.code
  }
}

/** Governor, minimum and maximum (kHz) of the little and the big domain. */
export const knobs = () =>
  policies.map((policy) => ['scaling_governor', 'scaling_min_freq', 'scaling_max_freq'].map((file) => answer(`${policy}/${file}`)).join(' '))

/** Looks until it holds; what held then. Emulated time means nothing: the limit only ends a test that hangs. */
export async function until(what, holds, limitS = 300) {
  for (const startMs = Date.now(); Date.now() - startMs < limitS * 1000; ) {
    // Whoever reads the zone makes firmware say what has changed.
    answer(zone)
    const found = await holds()
    if (found !== undefined && found !== false && found !== null) return found
    await sleep(100)
  }
  throw new Error(`waited ${limitS} s for ${what}`)
}

const poke = (file, at, value) => {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Uint8Array.of(value), 0, 1, at)
  closeSync(descriptor)
}

/** Temperature of the board, degrees C. */
export const heat = (tempC) => poke('/dev/port', 0xe2, tempC)
/** Highest P-state that firmware allows the little (0) or big (1) domain; 0: no limit. */
export const firmware = (domain, state) => {
  spawnSync('devmem', [`0xff00000${domain}`, '8', String(state)])
  answer(zone)
}
export const setOnline = (cpu, on) => write(`/sys/devices/system/cpu/cpu${cpu}/online`, on ? 1 : 0)

const [, , resultFile] = process.argv
const seen = {}

/**
 * Takes what a scenario saw, or how it failed, and writes it down at once: a guest that ends early has not lost it. The board is calmed afterwards. `held`: its clocks belong to a run that goes on; writing
 * them would be a foreign write.
 */
export async function scenario(name, look, { held = false } = {}) {
  try {
    seen[name] = await look()
  } catch (error) {
    seen[name] = { failed: String(error?.stack ?? error) }
  }
  writeFileSync(resultFile, JSON.stringify(seen))
  heat(0)
  for (const domain of [0, 1]) firmware(domain, 0)
  for (const cpu of [1, 2, 3]) setOnline(cpu, true)
  if (!held) await until('the limits to settle', resetLimits)
}

function resetLimits() {
  for (const [i, policy] of policies.entries()) {
    write(`${policy}/scaling_min_freq`, tablesHz[i][0] / 1e3)
    write(`${policy}/scaling_max_freq`, tablesHz[i][4] / 1e3)
  }
  return knobs().every((line, i) => line.endsWith(`${tablesHz[i][0] / 1e3} ${tablesHz[i][4] / 1e3}`))
}
