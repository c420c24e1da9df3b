import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { waitFor } from './wait-for.ts'

/** Whether there is a Python to listen with: Node has no datagram sockets of this family. */
export function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A service manager that listens on this socket. */
export async function listenAt(path: string): Promise<{ heard(): string[]; close(): void }> {
  const child = spawn('python3', [fileURLToPath(new URL('datagrams.py', import.meta.url)), path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (more) => {
    text += more
  })
  await waitFor('the listener', () => text.includes('listening'))
  return { heard: () => text.trim().split('\n').slice(1), close: () => void child.kill('SIGKILL') }
}
