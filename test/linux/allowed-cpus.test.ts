import { describe, expect, it, onTestFinished } from 'vitest'
import { getAffinity, gettid, setAffinity } from '../../src/linux/affinity.ts'
import { makeAllowedCpus } from '../../src/linux/allowed-cpus.ts'
import { listThreads } from '../../src/linux/task.ts'

const cpuCount = 1 + Math.max(...getAffinity(0))
const cpusOf = (flags: Uint8Array): number[] => [...flags.keys()].filter((cpu) => flags[cpu] === 1)

describe('CPUs that the kernel lets this process use', () => {
  it('are those of a thread that nobody pinned, whatever the pinned ones have', ({ skip }) => {
    const all = getAffinity(0)
    if (all.length < 2) skip('this process may use one core only')
    onTestFinished(() => setAffinity(0, all))
    const allowed = makeAllowedCpus(cpuCount, [gettid()])
    setAffinity(0, [all[0] as number])
    expect(allowed?.sample()).toBe(false)
    expect(cpusOf(allowed?.flags as Uint8Array)).toEqual(all)
  })

  it('follow a change from outside at the next look, and back', ({ skip }) => {
    const all = getAffinity(0)
    if (all.length < 2) skip('this process may use one core only')
    const own = gettid()
    const others = listThreads('/').filter((tid) => tid !== own && tid !== process.pid)
    const allowed = makeAllowedCpus(cpuCount, [own])
    onTestFinished(() => {
      for (const tid of others) setAffinity(tid, all)
    })
    // As `taskset --all-tasks` does.
    for (const tid of others) setAffinity(tid, [all[1] as number])
    expect(allowed?.sample()).toBe(true)
    expect(cpusOf(allowed?.flags as Uint8Array)).toEqual([all[1]])
    expect(allowed?.sample()).toBe(false)
    for (const tid of others) setAffinity(tid, all)
    expect(allowed?.sample()).toBe(true)
    expect(cpusOf(allowed?.flags as Uint8Array)).toEqual(all)
  })

  it('are unknown where every thread is pinned', () => {
    expect(makeAllowedCpus(cpuCount, listThreads('/'))).toBeUndefined()
  })

  it('are no more than there are flags for', () => {
    expect(makeAllowedCpus(1, [gettid()])?.flags).toEqual(Uint8Array.of(getAffinity(0).includes(0) ? 1 : 0))
  })
})
