// Loaded before flyball itself (node --import): does harm at one point of the run, as KILL_PLAN says. Nothing of this is in flyball.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { watchChanges } from './fs-points.mjs'

const { how, at, tears, report, dist } = JSON.parse(process.env['KILL_PLAN'])
const write = fs.writeFileSync
let lines = 0
let points = 0

/** What the test must know of the end: whole trace lines that were written before it, and how many points there were. */
const tell = (reached) => write(report, JSON.stringify({ lines, points, reached }))

function eatHeap() {
  const held = []
  for (;;) held.push(new Array(1e5).fill(Math.PI))
}

function eatMemory() {
  const held = []
  for (;;) held.push(Buffer.alloc(1 << 22, 1))
}

const deeds = {
  count() {},
  heap: eatHeap,
  cgroup: eatMemory,
  stop: () => process.kill(process.pid, 'SIGSTOP'),
}
const signal = (name) => () => process.kill(process.pid, name)
const deed = deeds[how] ?? (how.startsWith('SIG') ? signal(how) : undefined)

if (isMainThread) {
  // The disk is full from that point on: a write does half of what it was asked, then nothing, as the kernel does.
  let full = false
  const undo = watchChanges((count, tear) => {
    if (deed !== undefined || how === 'full') points = count
    if (count === at && deed !== undefined) {
      if (tears && how === 'SIGKILL') tear()
      tell(true)
      deed()
    }
    if (how === 'full' && count >= at) {
      if (!full) {
        full = true
        tell(true)
      }
    }
  })
  const { writeSync } = fs
  fs.writeSync = (file, content, ...rest) => {
    const path = fs.readlinkSync(`/proc/self/fd/${file}`)
    if (full && !path.includes('/sys/')) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 })
    const written = writeSync(file, content, ...rest)
    // The header is a line as well.
    if (path.endsWith('trace.jsonl')) lines++
    return written
  }
  ;(await import('node:module')).syncBuiltinESMExports()

  let calls = 0
  const harm = (act) => {
    points = ++calls
    if (calls !== at) return act()
    tell(true)
    if (how.endsWith('-loop')) for (;;);
    if (how.endsWith('-hang')) return new Promise(() => setInterval(() => {}, 1000))
    throw new Error(`harm at call ${at}`)
  }
  if (how.startsWith('agent')) {
    const { agentKinds } = await import(`${dist}/agents/index.js`)
    for (const kind of agentKinds) {
      const { make } = kind
      kind.make = (input) => {
        const agent = make(input)
        const { act, learn } = agent
        agent.act = (...args) => harm(() => act.apply(agent, args))
        agent.learn = (...args) => harm(() => learn.apply(agent, args))
        return agent
      }
    }
  }
  if (how.startsWith('inference')) {
    const { InferenceSession } = createRequire(`${dist}/package.json`)('onnxruntime-node')
    const { run } = InferenceSession.prototype
    InferenceSession.prototype.run = async function (...args) {
      return harm(() => run.apply(this, args))
    }
  }
  process.on('exit', () => {
    undo()
    if (!fs.existsSync(report)) tell(false)
  })
}
