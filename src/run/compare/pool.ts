import { Worker } from 'node:worker_threads'
import { compiledUrl } from '../../core/compiled-url.ts'
import { type ErrorCode, FlyballError } from '../../core/errors.ts'
import type { GroundSpec } from '../grounds/spec.ts'
import type { JobRunner } from './jobs.ts'
import type { Plan } from './plan.ts'
import type { SeedResult } from './seed-run.ts'

/** What every thread is handed at its start. */
export interface WorkerTask {
  readonly grounds: readonly GroundSpec[]
  readonly plans: readonly Plan[]
}

export type WorkerAnswer = { readonly result: SeedResult } | { readonly error: { readonly code: ErrorCode; readonly message: string } }

/** Runs the jobs on `count` threads. An error or the signal ends all of them; ERR_INTERRUPTED for the signal. */
export function threadRunner(task: WorkerTask, count: number, signal: AbortSignal): JobRunner {
  return async (jobs, onDone) => {
    const results: SeedResult[] = Array(jobs.length)
    const workers: Worker[] = []
    let next = 0
    let done = 0
    try {
      await new Promise<void>((resolve, reject) => {
        const interrupt = (): void => reject(new FlyballError('ERR_INTERRUPTED', 'interrupted while comparing: nothing was written'))
        if (signal.aborted) interrupt()
        signal.addEventListener('abort', interrupt, { once: true })
        if (jobs.length === 0) resolve()
        for (let w = 0; w < Math.min(count, jobs.length); w++) {
          // As in the other threads of this package: what Node was started with concerns the main thread alone.
          const worker = new Worker(compiledUrl('src/run/compare/worker.js'), { workerData: task, execArgv: [] })
          workers.push(worker)
          let job = -1
          const give = (): void => {
            job = next++
            if (job < jobs.length) worker.postMessage(jobs[job])
          }
          worker.on('message', (answer: WorkerAnswer) => {
            if ('error' in answer) return reject(new FlyballError(answer.error.code, answer.error.message))
            results[job] = answer.result
            done++
            onDone(done)
            if (done === jobs.length) resolve()
            else give()
          })
          worker.once('error', reject)
          worker.once('exit', (code) => reject(new FlyballError('ERR_INTERNAL', `a thread of the comparison ended with status ${code}`)))
          give()
        }
      })
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
    return results
  }
}
