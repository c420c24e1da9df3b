import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeJob, whyNoSystemd } from './lab/machine.ts'
import { writeOneIncrementTo } from './lab/network.ts'

const why = whyNoSystemd()
const untouched = ['schedutil 400000 1400000', 'schedutil 600000 2000000']
const limits = '400000 1400000 600000 2000000'
const cpufreq = '/sys/devices/system/cpu/cpufreq'

describe.skipIf(why !== undefined)(`under a real systemd and udev${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const job = makeJob({ systemd: true })
  let seen: Record<string, Record<string, unknown>> = {}
  let printed = ''

  const of = <T extends object = Record<string, unknown>>(name: string): T => {
    expect(seen, printed).toHaveProperty([name])
    const found = seen[name] as T & { failed?: string }
    expect(found.failed, found.failed).toBeUndefined()
    return found
  }

  beforeAll(async () => {
    writeOneIncrementTo(join(job.dir, 'network'))
    const guest = (name: string): string => `node /repo/test/kernel/guest/${name}.mjs /job/${name}.json\n`
    const { status, console } = await job.run(
      `${guest('permissions')}${guest('services')}journalctl -b -u flyball -o short-monotonic --no-pager | tail -150\n`,
      1800,
    )
    printed = `status ${status}\n${console}`
    for (const name of ['permissions', 'services']) {
      const file = join(job.dir, `${name}.json`)
      if (existsSync(file)) seen = { ...seen, ...JSON.parse(readFileSync(file, 'utf8')) }
    }
  }, 1_830_000)
  afterAll(() => job.remove())

  describe('what doctor --fix prints', () => {
    it('does nothing by itself, and lets the group at the limits of both domains when it is run', () => {
      const { member, ...rest } = of<{ member: string }>('doctor --fix')
      expect(rest).toEqual({ printed: 0, untouched: true, status: 0, stderr: '', granted: true, complaints: [] })
      expect(member.split(' ')).toContain('flyball')
    })

    it('is done by systemd-tmpfiles at boot', () => {
      expect(of('at boot')).toEqual({ granted: true, complaints: [] })
    })

    it('is done by udev when a core is announced, and when one comes back', () => {
      expect(of('an event of a core')).toEqual({ granted: true })
      expect(of('hotplug')).toEqual({ off: false, granted: true })
    })

    it('is done by udev when the driver comes later', () => {
      expect(of('the driver comes later')).toEqual({ gone: 'ENOENT', granted: true, complaints: [] })
    })

    it('is enough for a user to govern the clocks', () => {
      const { knobs, ...rest } = of<{ knobs: string[] }>('the user governs')
      expect(rest).toEqual({ status: 0, after: untouched })
      expect(knobs).toEqual(expect.arrayContaining(['little.freqHz', 'big.freqHz']))
    })
  })

  describe('the unit that deploy --service prints', () => {
    it('is installed by the commands at its top, passes systemd-analyze verify, says that it is ready, and governs', () => {
      expect(of('started')).toEqual({ same: true, verify: '', type: 'notify', active: 'active', user: 'root', caps: '', enabled: 'enabled' })
    })

    it('may open the clocks in use and its run for writing, no other file, and no connection', () => {
      const { lines, ownNetwork, score, word } = of<{ lines: string[]; ownNetwork: boolean; score: number; word: string }>('rights')
      expect(lines).toEqual([
        `wrote ${cpufreq}/policy0/scaling_max_freq`,
        `wrote ${cpufreq}/policy2/scaling_min_freq`,
        'wrote /srv/run/seen',
        'socket: Address family not supported by protocol',
      ])
      expect({ ownNetwork, word }).toEqual({ ownNetwork: true, word: 'OK' })
      expect(score).toBeLessThan(2)
    })

    it('has its knobs put back by its last command after kill -9, and is started again', () => {
      expect(of('kill -9')).toEqual({ restored: true, stopped: limits })
    })

    it('is ended by the watchdog of systemd when it is stuck, with its knobs put back, and is started again', () => {
      expect(of('stuck')).toEqual({ timeout: true, stopped: limits })
    })

    it('puts its knobs back when it is stopped', () => {
      expect(of('stopped')).toEqual({ active: 'inactive', result: 'success', status: '0', after: untouched, left: [] })
    })

    it('runs as the owner of the run, without a capability', () => {
      const { wrote, ...rest } = of<{ wrote: string[] }>('as the user')
      expect(rest).toEqual({
        same: true,
        verify: '',
        active: 'active',
        user: '1000',
        caps: '',
        uid: '1000',
        effective: '0',
        seccomp: '2',
        stopped: limits,
        after: untouched,
        left: [],
      })
      expect(wrote).toEqual([`wrote ${cpufreq}/policy0/scaling_max_freq`, `wrote ${cpufreq}/policy2/scaling_min_freq`, 'wrote /home/pilot/run/seen'])
    })
  })
})
