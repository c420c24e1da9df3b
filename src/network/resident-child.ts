import './no-telemetry.ts'
import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { giveBackFreeMemory } from './free-memory.ts'
import type { Resident, ResidentTask } from './resident.ts'
import { makeSampleInput } from './sample-input.ts'

// A program of its own: loads models, runs each some times, prints its own memory and ends.

// Of all models together: what Node's own heap grows to depends on the number of calls, which must not depend on the number of models.
const runs = 240

const { models, options, giveBack } = JSON.parse(process.argv[2] as string) as ResidentTask
const loaded = []
for (const { path, input, outputs } of models) {
  const session = await InferenceSession.create(path, options)
  const image = makeSampleInput(input.shape, 1)
  const feeds = {
    [input.name]: input.dtype === 'uint8' ? new Tensor('uint8', Uint8Array.from(image), input.shape) : new Tensor('float32', image, input.shape),
  }
  const fetches = Object.fromEntries(
    outputs.map(({ name, shape }) => [name, new Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)]),
  )
  await session.run(feeds, fetches)
  loaded.push({ session, feeds, fetches })
}
if (giveBack) giveBackFreeMemory()
for (let i = 0; i < runs; i++) {
  const { session, feeds, fetches } = loaded[i % loaded.length] as (typeof loaded)[number]
  await session.run(feeds, fetches)
}
globalThis.gc?.()
process.stdout.write(JSON.stringify(ownMemory() satisfies Resident | null))
for (const { session } of loaded) await session.release()

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
