import './no-telemetry.ts'
import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Resident, ResidentTask } from './resident.ts'
import { makeSampleInput } from './sample-input.ts'

// A program of its own: loads models, runs each some times, prints its own memory and ends.

const warmUp = 20

const { models, options } = JSON.parse(process.argv[2] as string) as ResidentTask
const sessions: InferenceSession[] = []
for (const { path, input, output } of models) {
  const session = await InferenceSession.create(path, options)
  const feeds = { [input.name]: new Tensor('float32', makeSampleInput(input.shape, 1), input.shape) }
  const logits = new Tensor('float32', new Float32Array(output.shape.reduce((a, b) => a * b)), output.shape)
  for (let i = 0; i < warmUp; i++) await session.run(feeds, { [output.name]: logits })
  // Held until the memory has been read.
  sessions.push(session)
}
globalThis.gc?.()
process.stdout.write(JSON.stringify(ownMemory() satisfies Resident | null))
for (const session of sessions) await session.release()

/** VmRSS and RssAnon of proc(5); null where the kernel does not tell. */
function ownMemory(): Resident | null {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    const fieldB = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
    const own = { residentB: fieldB('VmRSS'), anonymousB: fieldB('RssAnon') }
    return Number.isNaN(own.residentB) ? null : own
  } catch {
    return null
  }
}
