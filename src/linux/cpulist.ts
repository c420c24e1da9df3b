import { FlyballError } from '../core/errors.ts'

/** More CPUs than any kernel is built for (CONFIG_NR_CPUS is at most 8192): a list beyond is nonsense, not a machine. */
const mostCpus = 8192

/** `0-3,5` to CPU numbers, ascending, without repeats; '' is an empty list. Throws ERR_USAGE (an absent or malformed kernel file is the business of `readCpuList`). Source: cputopology.rst, bitmap list format. */
export function parseCpuList(text: string, where = 'CPU list'): number[] {
  const found = new Set<number>()
  for (const part of text.trim().split(',')) {
    if (part === '' && text.trim() === '') break
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? []
    const from = Number(first)
    const to = last === undefined ? from : Number(last)
    if (first === undefined || to < from || to >= mostCpus)
      throw new FlyballError('ERR_USAGE', `${where}: '${text.trim().slice(0, 80)}' is no list of CPUs, expected e.g. 0-3,5`)
    for (let cpu = from; cpu <= to; cpu++) found.add(cpu)
  }
  return [...found].sort((a, b) => a - b)
}

/** CPU numbers to the kernel's list format: `[0, 1, 2, 3, 5]` to `0-3,5`. */
export function formatCpuList(cpus: readonly number[]): string {
  const sorted = [...new Set(cpus)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    let end = i
    while (sorted[end + 1] === (sorted[end] as number) + 1) end++
    parts.push(end === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[end]}`)
    i = end + 1
  }
  return parts.join(',')
}
