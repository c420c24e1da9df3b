import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { FlyballError } from '../../core/errors.ts'
import type { Ground } from '../grounds/ground.ts'
import { openGround } from '../grounds/open.ts'
import type { Job } from './jobs.ts'
import type { WorkerAnswer, WorkerTask } from './pool.ts'
import { runSeed } from './seed-run.ts'

// One thread of a comparison: opens each ground anew when it first meets it, and answers every job with the figures of one seed.

const { grounds, plans } = workerData as WorkerTask
const opened = new Map<number, Ground>()

async function answer({ ground: g, seed }: Job): Promise<WorkerAnswer> {
  try {
    const ground = opened.get(g) ?? openGround(grounds[g] as WorkerTask['grounds'][number])
    opened.set(g, ground)
    return { result: await runSeed(ground, plans[g] as WorkerTask['plans'][number], seed, systemClock) }
  } catch (error) {
    if (error instanceof FlyballError) return { error: { code: error.code, message: error.message } }
    return { error: { code: 'ERR_INTERNAL', message: error instanceof Error ? (error.stack ?? error.message) : String(error) } }
  }
}

parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await answer(job)))
