import { join } from 'node:path'
import { readText, readWords } from './files.ts'

/** What the machine calls itself. */
export interface MachineModel {
  /** Board (device tree), product (DMI) or processor (/proc/cpuinfo). */
  readonly name?: string
  /** Device-tree `compatible` of the board, most specific first. */
  readonly compatible: readonly string[]
  readonly cpuModel?: string
  readonly architecture: 'arm' | 'x86' | 'other'
}

/** Model name and family of processor from /proc/cpuinfo, whose layout differs by architecture. */
export function parseCpuinfo(text: string): { cpuModel?: string; architecture: MachineModel['architecture'] } {
  const field = (name: string) => new RegExp(`^${name}\\s*:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim()
  const cpuModel = field('model name') ?? field('Hardware')
  const architecture = field('vendor_id') !== undefined ? 'x86' : field('CPU implementer') !== undefined ? 'arm' : 'other'
  return { ...(cpuModel === undefined || cpuModel === '' ? {} : { cpuModel }), architecture }
}

export function readModel(root: string): MachineModel {
  const { cpuModel, architecture } = parseCpuinfo(readText(join(root, 'proc/cpuinfo')) ?? '')
  const tree = readText(join(root, 'proc/device-tree/model')) ?? readText(join(root, 'sys/firmware/devicetree/base/model'))
  const name = [tree, readText(join(root, 'sys/class/dmi/id/product_name')), cpuModel].find((text) => text !== undefined && text !== '')
  const compatible = readWords(join(root, 'proc/device-tree/compatible'))
  return {
    ...(name === undefined ? {} : { name }),
    compatible: compatible.length > 0 ? compatible : readWords(join(root, 'sys/firmware/devicetree/base/compatible')),
    ...(cpuModel === undefined ? {} : { cpuModel }),
    architecture,
  }
}
