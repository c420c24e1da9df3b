import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Output of a program that must succeed. */
export function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { maxBuffer: 2 ** 30, ...options })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr?.toString().trim().split('\n').at(-1) ?? status}`)
  return stdout
}

/**
 * The uncompressed kernel inside a bzImage: QEMU starts it directly, where decompressing under emulation would take seconds of every boot. Source: Documentation/arch/x86/boot.rst (setup_sects,
 * payload_offset, payload_length).
 */
export function unpackKernel(image) {
  const setupEnd = ((image[0x1f1] || 4) + 1) * 512
  const begin = setupEnd + image.readUInt32LE(0x248)
  const payload = image.subarray(begin, begin + image.readUInt32LE(0x24c))
  const isZstd = payload.readUInt32LE(0) === 0xfd2fb528
  // The last four bytes are the length of what comes out.
  const kernel = isZstd ? run('zstd', ['-dcq'], { input: payload.subarray(0, -4) }) : run('xz', ['-dc', '--single-stream'], { input: payload })
  if (kernel.toString('latin1', 1, 4) !== 'ELF') throw new Error('the kernel is packed in a way that is not known here')
  return kernel
}

const nameOf = (file) =>
  basename(file)
    .replace(/\.ko(\.xz|\.zst)?$/, '')
    .replaceAll('-', '_')

/** Contents of these modules and of all that they need, by name, in the order in which they must be loaded. */
export function collectModules(folder, wanted) {
  const files = new Map()
  for (const entry of readdirSync(join(folder, 'kernel'), { recursive: true, withFileTypes: true }))
    if (/\.ko(\.xz|\.zst)?$/.test(entry.name)) files.set(nameOf(entry.name), join(entry.parentPath, entry.name))
  const builtIn = new Set(readFileSync(join(folder, 'modules.builtin'), 'utf8').trim().split('\n').map(nameOf))
  const modules = new Map()
  const add = (name) => {
    if (modules.has(name) || builtIn.has(name)) return
    const file = files.get(name)
    if (file === undefined) throw new Error(`the kernel has no module ${name}`)
    const packed = readFileSync(file)
    const module = file.endsWith('.xz')
      ? run('xz', ['-dc'], { input: packed })
      : file.endsWith('.zst')
        ? run('zstd', ['-dcq'], { input: packed })
        : packed
    const [, needs = ''] = /\0depends=([^\0]*)\0/.exec(module.toString('latin1')) ?? []
    for (const need of needs.split(',').filter(Boolean)) add(need.replaceAll('-', '_'))
    modules.set(name, module)
  }
  for (const name of wanted) add(name.replaceAll('-', '_'))
  return modules
}
