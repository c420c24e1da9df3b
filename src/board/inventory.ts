/** What machine this is, for people who read a doctor's report. Absent is undefined. */
export interface Inventory {
  readonly manufacturer?: string
  readonly model?: string
  readonly cpuBrand?: string
  readonly physicalCores?: number
  readonly memoryB?: number
  readonly kernel?: string
  readonly distribution?: string
  readonly virtual?: boolean
  readonly gpus: readonly string[]
}

/** systeminformation says null, -1, 0 or '' for what it does not know. */
export function known<T>(value: T | null | undefined): T | undefined {
  return value === null || value === undefined || value === '' || (typeof value === 'number' && !(value > 0)) ? undefined : value
}

/** Asks systeminformation, which starts programs and takes up to a second: for doctor only, never before a run. Fields it cannot find are left out. */
export async function readInventory(): Promise<Inventory> {
  const { default: si } = await import('systeminformation')
  const [system, cpu, mem, os, graphics] = await Promise.all([
    si.system().catch(() => undefined),
    si.cpu().catch(() => undefined),
    si.mem().catch(() => undefined),
    si.osInfo().catch(() => undefined),
    si.graphics().catch(() => undefined),
  ])
  const found = {
    manufacturer: known(system?.manufacturer),
    model: known(system?.model),
    cpuBrand: known(cpu?.brand),
    physicalCores: known(cpu?.physicalCores),
    memoryB: known(mem?.total),
    kernel: known(os?.kernel),
    distribution: known([os?.distro, os?.release].filter(known).join(' ')),
    virtual: known(system?.virtual),
  }
  const gpus = (graphics?.controllers ?? []).map((controller) => known(controller.model)).filter((model) => model !== undefined)
  return { ...withoutAbsent(found), gpus }
}

function withoutAbsent<T extends object>(found: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }
}
