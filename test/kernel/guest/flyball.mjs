// flyball's commands in the guest.
import { spawn } from 'node:child_process'

export const stateDir = '/run/flyball'
export const main = '/repo/dist/src/cli/main.js'

/** A command that runs: what it says is kept. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/tmp', ...options })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => (said[stream] += text))
  const ended = new Promise((resolve) => child.once('close', (status, signal) => resolve({ status, signal, ...said })))
  return {
    pid: child.pid,
    stderr: () => said.stderr,
    ended,
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

export const flyball = (args, options) => start(process.execPath, [main, ...args], options)

/** What a command printed. Throws, with what it said, where it failed. */
export async function ask(program, args, options) {
  const { status, stdout, stderr } = await start(program, args, options).ended
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${status}\n${stdout}${stderr}`)
  return stdout.trim()
}
