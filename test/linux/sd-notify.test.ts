import { mkdtempSync, rmSync } from 'node:fs'
import { endianness, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openNotifier, socketAddress } from '../../src/linux/sd-notify.ts'
import { hasPython, listenAt } from '../support/manager.ts'
import { waitFor } from '../support/wait-for.ts'

describe('the address of a notify socket', () => {
  it('is the family, then the path with its end, or an abstract name without', () => {
    const family = endianness() === 'LE' ? [1, 0] : [0, 1]
    expect([...socketAddress('/a')]).toEqual([...family, 47, 97, 0])
    expect([...socketAddress('@a')]).toEqual([...family, 0, 97])
  })

  it('has room for 107 bytes', () => {
    expect(socketAddress(`/${'a'.repeat(106)}`)).toHaveLength(110)
    expect(() => socketAddress(`/${'a'.repeat(107)}`)).toThrow(/107 bytes/)
    expect(() => socketAddress('')).toThrow(/107 bytes/)
  })
})

describe('a notifier', () => {
  it('is none where no service manager listens', () => {
    expect(openNotifier({})).toBeUndefined()
    expect(openNotifier({ NOTIFY_SOCKET: '' })).toBeUndefined()
  })

  it('knows the period of the watchdog, if it is this process that is watched', () => {
    const env = { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: '30000000' }
    expect(openNotifier(env)?.watchdogS).toBe(30)
    expect(openNotifier({ ...env, WATCHDOG_PID: String(process.pid) })?.watchdogS).toBe(30)
    expect(openNotifier({ ...env, WATCHDOG_PID: '1' })?.watchdogS).toBeUndefined()
    expect(openNotifier({ NOTIFY_SOCKET: '/nowhere' })?.watchdogS).toBeUndefined()
  })

  it('does not mind that nobody is there', () => {
    const notifier = openNotifier({ NOTIFY_SOCKET: '/nowhere/at/all' })
    notifier?.send('READY=1')
    notifier?.close()
    notifier?.send('READY=1')
  })

  // Listening needs python3: Node has no datagram sockets of this family.
  it.skipIf(!hasPython()).each(['path', 'abstract'])('is heard at a socket: %s', async (kind) => {
    const dir = mkdtempSync(join(tmpdir(), 'flyball-notify-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const socket = kind === 'path' ? join(dir, 'socket') : `@flyball-test-${process.pid}`
    const manager = await listenAt(socket)
    onTestFinished(() => manager.close())
    const notifier = openNotifier({ NOTIFY_SOCKET: socket })
    notifier?.send('READY=1')
    notifier?.send('STATUS=governing\nWATCHDOG=1')
    await waitFor('both', () => manager.heard().length === 2)
    expect(manager.heard()).toEqual(['READY=1', 'STATUS=governing WATCHDOG=1'])
    notifier?.close()
  })
})
