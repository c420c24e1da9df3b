import { FlyballError } from '../core/errors.ts'
import { loadLibc } from './libc.ts'

/** Tells the service manager how this process is. Source: sd_notify(3), unix(7). */
export interface ServiceNotifier {
  /** How often the manager wants to hear that all is well, at least, s; undefined: never. */
  readonly watchdogS?: number
  /** `READY=1`, `WATCHDOG=1`, `STOPPING=1`; lines joined by newlines. Never throws: a manager that does not listen is no fault of the run. */
  send(state: string): void
  close(): void
}

const [afUnix, sockDgram, sockCloexec, msgDontwait, msgNosignal] = [1, 2, 0o2000000, 0x40, 0x4000]
const longestPathB = 108

/** The address as the kernel takes it: family, then the path; a leading @ stands for a zero byte, an abstract name. Throws ERR_RANGE. */
export function socketAddress(path: string): Buffer {
  const name = Buffer.from(path)
  if (name.length === 0 || name.length >= longestPathB) throw new FlyballError('ERR_RANGE', `NOTIFY_SOCKET: '${path}' is no path of 1 to 107 bytes`)
  const abstract = name[0] === '@'.charCodeAt(0)
  if (abstract) name[0] = 0
  const family = Buffer.alloc(2)
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) family.writeUInt16LE(afUnix)
  else family.writeUInt16BE(afUnix)
  // A path ends with a zero byte, an abstract name with its length.
  return Buffer.concat([family, name, Buffer.alloc(abstract ? 0 : 1)])
}

/** Undefined where no service manager listens. Throws ERR_RANGE for a NOTIFY_SOCKET that is no address. */
export function openNotifier(env: Readonly<Record<string, string | undefined>> = process.env): ServiceNotifier | undefined {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC: period, WATCHDOG_PID: pid } = env
  if (path === undefined || path === '') return undefined
  const address = socketAddress(path)
  const { library } = loadLibc()
  const socket = library.func('int socket(int domain, int type, int protocol)')
  const sendto = library.func(
    'intptr_t sendto(int socket, const void *message, size_t length, int flags, const void *address, uint32_t addressLength)',
  )
  const close = library.func('int close(int descriptor)')
  let descriptor = socket(afUnix, sockDgram | sockCloexec, 0) as number
  const watchdogS = Number(period) * 1e-6
  const mine = pid === undefined || Number(pid) === process.pid
  return {
    ...(mine && watchdogS > 0 ? { watchdogS } : {}),
    send(state) {
      const message = Buffer.from(state)
      if (descriptor >= 0) sendto(descriptor, message, message.length, msgDontwait | msgNosignal, address, address.length)
    },
    close() {
      if (descriptor >= 0) close(descriptor)
      descriptor = -1
    },
  }
}
