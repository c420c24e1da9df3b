import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** The prepared lab, as test/kernel/run.mjs says. */
const lab = process.env['FLYBALL_KERNEL_CACHE'] ?? ''

/** Why no machine can be booted here; undefined: one can. */
export function whyNoLab(): string | undefined {
  if (process.env['FLYBALL_KERNEL_LAB'] !== undefined) return undefined
  if (process.arch !== 'x64' || process.platform !== 'linux')
    return `the lab's kernel is for Linux on x86-64, this is ${process.platform} on ${process.arch}`
  return existsSync(join(lab, 'stamp')) ? undefined : 'the lab is not prepared: npm run test:kernel does that'
}

/** Why no machine can be booted whose first process is systemd; undefined: one can. */
export function whyNoSystemd(): string | undefined {
  if (process.env['FLYBALL_KERNEL_LAB'] !== undefined) return 'another lab than its own boots no systemd'
  const reason = join(lab, 'no-systemd')
  return whyNoLab() ?? (existsSync(join(lab, 'systemd')) ? undefined : existsSync(reason) ? readFileSync(reason, 'utf8').trim() : 'no systemd there')
}

export interface Job {
  /** Shared with the guest at /job, read and write. */
  readonly dir: string
  /** Boots a machine that runs this in a shell at /job as root; its status, or null when it did not finish. What it printed is in `console`. */
  run(script: string, limitS?: number): Promise<{ status: number | null; console: string }>
  remove(): void
}

/** `systemd`: it is the first process, and the job a unit that starts after the basic ones. */
export function makeJob({ systemd = false } = {}): Job {
  const dir = mkdtempSync(join(tmpdir(), 'flyball-kernel-'))
  return {
    dir,
    async run(script, limitS = 300) {
      writeFileSync(join(dir, 'run.sh'), script)
      const own = process.env['FLYBALL_KERNEL_LAB']
      const child = own === undefined ? qemu(dir, systemd) : spawn(join(own, 'run'), [dir, repository], { stdio: ['ignore', 'pipe', 'pipe'] })
      const { printed, status } = await ended(child, limitS)
      const file = join(dir, 'status')
      return { status: own !== undefined ? status : existsSync(file) ? Number(readFileSync(file, 'utf8')) : null, console: printed }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function ended(child: ChildProcess, limitS: number): Promise<{ printed: string; status: number | null }> {
  let printed = ''
  const add = (text: string): void => {
    printed = (printed + text).slice(-100_000)
  }
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', add)
  const timer = setTimeout(() => {
    add(`\nended after ${limitS} s\n`)
    child.kill('SIGKILL')
  }, limitS * 1000)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      clearTimeout(timer)
      resolve({ printed, status })
    })
  })
}

/**
 * A machine of four CPUs without hardware virtualisation. The host's /usr and node are read-only at their own places, the repository at /repo; packages that a link leads to lie where it
 * leads.
 */
function qemu(jobDir: string, systemd: boolean): ChildProcess {
  const shares: [tag: string, path: string, at: string][] = [
    ['usr', '/usr', '/usr'],
    ['repo', repository, '/repo'],
    ['job', jobDir, '/job:rw'],
  ]
  const modules = realpathSync(join(repository, 'node_modules'))
  if (modules !== join(repository, 'node_modules')) shares.push(['modules', modules, modules])
  const node = dirname(realpathSync(process.execPath))
  if (!node.startsWith('/usr/')) shares.push(['node', node, node])
  if (systemd) shares.push(['systemd', join(lab, 'systemd'), '/systemd'])
  const kernelArgs = [
    'console=ttyS0',
    'quiet',
    'psi=1',
    'cgroup_no_v1=all',
    'mitigations=off',
    'nokaslr',
    'audit=0',
    'panic=-1',
    'tsc=unstable',
    'no_timer_check',
    ...(systemd ? ['systemd.unit=lab.target', 'systemd.show_status=no'] : []),
  ]
  return spawn(
    'qemu-system-x86_64',
    [
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'Nehalem', '-smp', '4', '-m', '1536'],
      ...['-kernel', join(lab, 'kernel/vmlinux'), '-initrd', join(lab, 'initramfs.gz')],
      ...['-acpitable', `file=${join(lab, 'board.aml')}`, '-device', 'pc-testdev'],
      ...shares.flatMap(([tag, path, at]) => [
        '-virtfs',
        `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${at.endsWith(':rw') ? '' : ',readonly=on'}`,
      ]),
      ...['-append', [...kernelArgs, ...shares.map(([tag, , at]) => `share.${tag}=${at}`)].join(' ')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
}
