import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/**
 * The same code on a real kernel with two frequency domains. FLYBALL_KERNEL_LAB names the folder of a program `run JOBDIR PROJECT` that boots one, runs JOBDIR/run.sh
 * in it as root (JOBDIR at /job, PROJECT at /repo) and ends with its status.
 */
const lab = process.env['FLYBALL_KERNEL_LAB']
const repository = fileURLToPath(new URL('../..', import.meta.url))
const untouched = ['schedutil 400000 1400000', 'schedutil 600000 2000000']

describe.skipIf(lab === undefined)('a real kernel (skipped unless FLYBALL_KERNEL_LAB names a kernel lab)', () => {
  it('is clamped, restored after kill -9, under firmware limits and while a domain is offline', { timeout: 300_000 }, () => {
    const job = mkdtempSync(join(tmpdir(), 'flyball-lab-'))
    writeFileSync(join(job, 'run.sh'), 'node /repo/test/linux/kernel-lab-job.mjs /repo /job/result.json\n')
    const run = spawnSync(join(lab as string, 'run'), [job, repository], { encoding: 'utf8' })
    const result = join(job, 'result.json')
    expect(existsSync(result), run.stdout).toBe(true)
    const seen = JSON.parse(readFileSync(result, 'utf8'))
    rmSync(job, { recursive: true, force: true })
    const limits = (policy: string, result: string) => [`${policy}/scaling_max_freq ${result}`, `${policy}/scaling_min_freq ${result}`]

    expect(seen.original).toEqual(untouched)
    expect(seen.discovered.fingerprint).toMatch(/ \| little cpu 0-1 5 OPP \| big cpu 2-3 5 OPP$/)
    expect(seen.discovered).toMatchObject({ writable: ['yes', 'yes'], psi: true })

    expect(seen.clamps).toMatchObject({ sets: 300, wrong: 0 })
    expect(seen.released).toEqual(untouched)
    expect(seen.governorKept).toEqual(['schedutil', 'schedutil'])
    expect(seen.afterRestore).toEqual(untouched)

    expect(seen.liveOwner).toBe('ERR_JOURNAL true')
    expect(seen.afterKill).toEqual([true, true])
    expect(seen.afterKillRestore).toEqual(untouched)
    expect(seen.leftInStateDir).toEqual([])

    expect(seen.firmware).toMatchObject({ bios: '1000000', during: 'schedutil 600000 1000000', after: untouched[1] })
    expect(seen.firmware.restored[0]).toMatch(/scaling_max_freq restored: heat or firmware holds it at 1000000/)

    expect(seen.offline).toMatchObject({ policy: 'EBUSY', owed: 1, set: 'NaN', access: 'broken', after: untouched, leftInStateDir: [] })
    expect(seen.offline.clusters).toMatch(/cpu1 cpu 2-3 0 OPP$/)
    expect(seen.offline.restored.filter((line: string) => line.includes('policy2'))).toEqual(
      limits('policy2', 'failed: EBUSY: resource busy or locked, read'),
    )

    expect(seen.bandwidth).toEqual({
      version: 2,
      set: true,
      max: '2000 10000',
      throttled: true,
      type: 'threaded',
      restored: ['restored'],
      gone: 'ENOENT',
      controlsAsBefore: true,
    })
    expect(seen.affinity).toEqual([1, 3])
  })
})
