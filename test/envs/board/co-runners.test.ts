import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type CoRunners, type CoRunnerTask, parseInterfere, planCoRunners, startCoRunners } from '../../../envs/board/interfere.ts'
import { makeRng } from '../../../src/core/rng.ts'
import { getAffinity } from '../../../src/linux/affinity.ts'
import { childrenOf, isRunning, waitFor } from '../../support/wait-for.ts'

const allowed = getAffinity(0)
const plan = (text: string, seed = 1): CoRunnerTask[] => planCoRunners(parseInterfere(text), allowed, makeRng(seed))

let running: CoRunners | undefined
afterEach(() => running?.stop())

/** CPU time of a process, s: fields 14 and 15 of its stat, in hundredths. */
function cpuTimeS(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

describe('co-runners', () => {
  it('run, each pinned to one core, and end when stopped', async () => {
    const tasks = plan('cpu:3@0.2')
    running = await startCoRunners(tasks)
    const { pids } = running
    expect(pids).toHaveLength(3)
    for (const [i, pid] of pids.entries()) {
      expect(isRunning(pid)).toBe(true)
      const { cpus, start } = tasks[i] as CoRunnerTask
      expect(getAffinity(pid)).toEqual([cpus[start % cpus.length]])
    }
    running.stop()
    running.stop()
    await waitFor('co-runners to end', () => pids.every((pid) => !isRunning(pid)))
  })

  it('take CPU time while they are on, and none while they are off', async () => {
    // One that begins with its pause of ten seconds, and one that is always on.
    const [resting] = plan('cpu:1@1,on=10s,off=10s') as [CoRunnerTask]
    running = await startCoRunners([{ ...resting, phaseS: 10.5 }, ...plan('cpu:1@0.5')])
    const [idle, busy] = running.pids as [number, number]
    const before = cpuTimeS(idle)
    const busyBefore = cpuTimeS(busy)
    await waitFor('CPU time of the busy one', () => cpuTimeS(busy) > busyBefore + 0.15)
    expect(cpuTimeS(idle) - before).toBeLessThan(0.05)
  })

  it('move to the next core with every burst', async ({ skip }) => {
    if (allowed.length < 2) skip('this process may use one core only')
    running = await startCoRunners(plan('cpu:1@0.2,on=60ms,off=30ms,move'))
    const [pid] = running.pids as [number]
    const seen = new Set<number>()
    await waitFor('two cores', () => {
      for (const cpu of getAffinity(pid)) seen.add(cpu)
      return seen.size >= 2
    })
    for (const cpu of seen) expect(allowed).toContain(cpu)
  })

  it('end when their parent is killed', async () => {
    const module = fileURLToPath(new URL('../../../dist/envs/board/interfere.js', import.meta.url))
    const program = `
      const { startCoRunners } = await import(${JSON.stringify(module)})
      const { pids } = await startCoRunners(${JSON.stringify([...plan('cpu:2@0.1'), ...plan('cpu:1@0.1,on=50ms,off=5s')])})
      process.stdout.write(JSON.stringify(pids) + '\\n')
      setInterval(() => {}, 1e6)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    let pids: number[] = []
    try {
      const text = await new Promise<string>((resolve, reject) => {
        parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))
        parent.once('exit', (code) => reject(new Error(`ended with ${code}`)))
      })
      pids = JSON.parse(text) as number[]
      expect(pids).toHaveLength(3)
      expect(pids.every(isRunning)).toBe(true)
      parent.kill('SIGKILL')
      await waitFor('orphans to end', () => pids.every((pid) => !isRunning(pid)))
    } finally {
      parent.kill('SIGKILL')
      for (const pid of pids) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    }
  })

  it('are an error when one cannot be placed, and then none is left', async () => {
    const [task] = plan('cpu:1@0.1') as [CoRunnerTask]
    const before = childrenOf(process.pid)
    await expect(startCoRunners([task, { ...task, cpus: [8000] }])).rejects.toMatchObject({
      code: 'ERR_AFFINITY',
      message: expect.stringContaining('8000'),
    })
    await waitFor('all to end', () => childrenOf(process.pid).every((pid) => before.includes(pid) || !isRunning(pid)))
  })
})
