import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { FlyballError } from '../../src/core/errors.ts'
import { getAffinity, gettid, setAffinity, threadCpuTimeS } from '../../src/linux/affinity.ts'
import { readCpuList } from '../../src/linux/online.ts'
import { listThreads, readTask } from '../../src/linux/task.ts'

describe.skipIf(process.platform !== 'linux')('affinity on this machine', () => {
  it('names the calling thread as the kernel does', () => {
    expect(listThreads('/')).toContain(gettid())
    expect(readTask('/', gettid())?.lastCpu).toBeGreaterThanOrEqual(0)
  })

  it('moves the thread and reads the move back', () => {
    const before = getAffinity(0)
    expect(readCpuList('/', 'online')).toEqual(expect.arrayContaining(before))
    const target = before.at(-1) as number
    try {
      setAffinity(0, [target])
      expect(getAffinity(0)).toEqual([target])
      expect(getAffinity(gettid())).toEqual([target])
      expect(readTask('/', gettid())?.lastCpu).toBe(target)
    } finally {
      setAffinity(0, before)
    }
    expect(getAffinity(0)).toEqual(before)
  })

  it('places another thread by its id', async () => {
    const known = new Set(listThreads('/'))
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await new Promise((resolve) => worker.once('online', resolve))
    const started = listThreads('/').filter((tid) => !known.has(tid))
    expect(started.length).toBeGreaterThan(0)
    const target = getAffinity(0)[0] as number
    for (const tid of started) setAffinity(tid, [target])
    for (const tid of started) expect(getAffinity(tid)).toEqual([target])
    await worker.terminate()
  })

  it('refuses CPUs that do not exist, nonsense and foreign threads, each with a reason', () => {
    expect(() => setAffinity(0, [8000])).toThrow(/ERR_AFFINITY|EINVAL/)
    expect(() => setAffinity(0, [])).toThrow(FlyballError)
    expect(() => setAffinity(0, [-1])).toThrow(/'-1' is no CPU number/)
    expect(() => getAffinity(2 ** 30)).toThrow(/no such thread/)
  })

  it('counts the CPU time of the thread, as schedstat does', () => {
    const before = threadCpuTimeS()
    for (let x = 0; threadCpuTimeS() - before < 0.02; ) x += Math.sqrt(x + 1)
    const after = threadCpuTimeS()
    const runS = Number(readFileSync(`/proc/self/task/${gettid()}/schedstat`, 'utf8').split(' ')[0]) * 1e-9
    // Both count run time of this thread since its start; schedstat may be late by a tick.
    expect(runS).toBeGreaterThan(after - 0.02)
    expect(runS).toBeLessThan(after + 1)
  })
})
