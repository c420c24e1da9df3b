// Every call with which a program changes files, numbered, so that a kill can come at exactly one of them.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const names = ['writeSync', 'fsyncSync', 'renameSync', 'ftruncateSync', 'openSync', 'mkdirSync', 'rmSync']
const changes = (name, args) => name !== 'openSync' || (args[1] !== undefined && args[1] !== 'r' && args[1] !== 0)

/** A file that grows by whole lines or is written beside its name: what a kill may leave half-written. Kernel files and overwritten slots are not. */
const tearable = (file) => /(trace\.jsonl|\.tmp|\.writing|\.new)$/.test(fs.readlinkSync(`/proc/self/fd/${file}`))

/**
 * Calls `at(count, tear)` before every change. What it throws, the program gets instead of the call; `tear()` first does half of a write. Gives what undoes this.
 */
export function watchChanges(at) {
  const originals = Object.fromEntries(names.map((name) => [name, fs[name]]))
  let count = 0
  for (const name of names) {
    fs[name] = (...args) => {
      if (changes(name, args)) {
        const tear = () => {
          if (name !== 'writeSync' || !tearable(args[0])) return
          const [file, content, offset = 0, length = content.length - offset, position = null] = args
          const bytes = typeof content === 'string' ? Buffer.from(content) : content
          originals.writeSync(file, bytes, offset, length >> 1, position)
        }
        at(++count, tear)
      }
      return originals[name](...args)
    }
  }
  syncBuiltinESMExports()
  return () => {
    Object.assign(fs, originals)
    syncBuiltinESMExports()
  }
}
