// Prepares the kernel lab: QEMU, Debian's kernel, a small root file system, the board's ACPI table. Everything lies in one folder outside the repository; a second call does nothing.
// usage: node prepare.mjs          prints the folder; status 77 with a reason where it cannot be had
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packInitramfs } from './archive.mjs'
import { collectModules, run, unpackKernel } from './kernel.mjs'
import { ensureTools, Unavailable, unpackKernelPackage } from './packages.mjs'
import { ensureSystemd } from './systemd.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const modules = [
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'overlay',
  'acpi-cpufreq',
  'cpufreq_userspace',
  'cpufreq_ondemand',
  'cpufreq_conservative',
  'cpufreq_powersave',
]

/** Kernel and modules, of a package that need not be fetched again. */
function ensureKernel(folder) {
  const done = join(folder, 'kernel')
  const wanted = `${modules.join('\n')}\n`
  const wantedFile = join(done, 'wanted')
  if (existsSync(wantedFile) && readFileSync(wantedFile, 'utf8') === wanted) return done
  const work = join(folder, 'work')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const { folder: root, name } = unpackKernelPackage(work)
  const [libraries] = ['usr/lib/modules', 'lib/modules'].map((path) => join(root, path)).filter((path) => existsSync(path))
  const release = readdirSync(libraries)[0]
  mkdirSync(done, { recursive: true })
  writeFileSync(join(done, 'vmlinux'), unpackKernel(readFileSync(join(root, 'boot', `vmlinuz-${release}`))))
  const collected = collectModules(join(libraries, release), modules)
  for (const [module, data] of collected) writeFileSync(join(done, `${module}.ko`), data)
  writeFileSync(join(done, 'name'), `${name}\n`)
  writeFileSync(join(done, 'order'), `${[...collected.keys()].join('\n')}\n`)
  writeFileSync(wantedFile, wanted)
  rmSync(work, { recursive: true, force: true })
  return done
}

/** Root file system and ACPI table, from the sources beside this file. */
function ensureImage(folder, kernel) {
  const sources = ['init.sh', 'systemd.sh', 'board.asl', 'prepare.mjs', 'archive.mjs'].map((name) => readFileSync(join(here, name)))
  const stamp = createHash('sha256')
    .update(Buffer.concat(sources))
    .update(readFileSync(join(kernel, 'name')))
    .digest('hex')
  const stampFile = join(folder, 'stamp')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  const root = join(folder, 'root')
  rmSync(root, { recursive: true, force: true })
  for (const dir of ['bin', 'modules', 'etc']) mkdirSync(join(root, dir), { recursive: true })
  copyFileSync('/usr/bin/busybox', join(root, 'bin/busybox'))
  copyFileSync(join(here, 'init.sh'), join(root, 'init'))
  copyFileSync(join(here, 'systemd.sh'), join(root, 'systemd.sh'))
  for (const file of ['bin/busybox', 'init']) chmodSync(join(root, file), 0o755)
  // The host's programs find their libraries under /usr, which is shared.
  for (const lib of ['lib', 'lib64']) symlinkSync(`usr/${lib}`, join(root, lib))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  if (existsSync('/etc/ld.so.cache')) copyFileSync('/etc/ld.so.cache', join(root, 'etc/ld.so.cache'))
  for (const name of readFileSync(join(kernel, 'order'), 'utf8').trim().split('\n'))
    copyFileSync(join(kernel, `${name}.ko`), join(root, 'modules', `${name}.ko`))
  copyFileSync(join(kernel, 'order'), join(root, 'modules/order'))
  writeFileSync(join(folder, 'initramfs.gz'), packInitramfs(root))
  run('iasl', ['-p', join(folder, 'board'), join(here, 'board.asl')])
  rmSync(root, { recursive: true, force: true })
  writeFileSync(stampFile, stamp)
}

try {
  ensureTools()
  const { FLYBALL_KERNEL_CACHE: chosen, XDG_CACHE_HOME: cache = join(homedir(), '.cache') } = process.env
  const folder = chosen ?? join(cache, 'flyball-kernel')
  mkdirSync(folder, { recursive: true })
  ensureImage(folder, ensureKernel(folder))
  ensureSystemd(folder)
  process.stdout.write(`${folder}\n`)
} catch (error) {
  if (!(error instanceof Unavailable)) throw error
  process.stderr.write(`no kernel lab: ${error.message}\n`)
  process.exitCode = 77
}
