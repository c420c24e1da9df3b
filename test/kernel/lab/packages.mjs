import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './kernel.mjs'

/** Why the lab cannot be had on this machine: no failure, tests skip. */
export class Unavailable extends Error {}

const tools = {
  'qemu-system-x86_64': 'qemu-system-x86',
  iasl: 'acpica-tools',
  busybox: 'busybox-static',
  xz: 'xz-utils',
  zstd: 'zstd',
  'dpkg-deb': 'dpkg',
}
const isThere = (tool) => ['/usr/bin', '/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, tool)))
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }

/** Programs of Debian packages; installs what is missing as root. */
export function ensureTools() {
  const missing = () => Object.keys(tools).filter((tool) => !isThere(tool))
  if (missing().length === 0) return
  if (process.getuid?.() !== 0 || !isThere('apt-get'))
    throw new Unavailable(
      `needs ${missing().join(', ')}; on Debian: apt-get install ${missing()
        .map((tool) => tools[tool])
        .join(' ')}`,
    )
  const install = () =>
    spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...missing().map((tool) => tools[tool])], { env, timeout: 300_000 })
  if (install().status !== 0) {
    spawnSync('apt-get', ['update', '-qq'], { env, timeout: 120_000 })
    install()
  }
  if (missing().length > 0) throw new Unavailable(`${missing().join(', ')} could not be installed`)
}

/** From 6.12 on the fake cooling devices have states. */
const leastKernel = [6, 12]

/** Unpacks Debian's kernel for x86-64 into `folder`: the machine's own where it is new enough, else the one in backports. */
export function unpackKernelPackage(folder) {
  const { archive, codename } = debianArchive()
  for (const suite of [codename, `${codename}-backports`]) {
    const apt = privateApt(folder, `deb ${archive} ${suite} main\n`)
    const [, name, major, minor] = /Depends: (linux-image-(\d+)\.(\d+)\S*)/.exec(apt('apt-cache', 'depends', 'linux-image-amd64')) ?? []
    if (name === undefined || (Number(major) - leastKernel[0] || Number(minor) - leastKernel[1]) < 0) continue
    return { folder: fetch(apt, folder, [name]), name }
  }
  throw new Unavailable(`the archive has no kernel from ${leastKernel.join('.')} on`)
}

/** All of one source, and of one version with it. */
const isSystemd = (name) => /^(lib)?(systemd|udev)/.test(name)

/** Unpacks Debian's systemd, udev and the tools for users into `folder`, with what they need and this machine, whose /usr the guest sees, does not have. Versions of systemd's own packages are the archive's. */
export function unpackSystemdPackages(folder) {
  const { archive, codename } = debianArchive()
  const apt = privateApt(folder, `deb ${archive} ${codename} main\n`)
  const all = apt('apt-get', '-s', 'install', '--no-install-recommends', 'systemd', 'udev', 'passwd', 'adduser')
  const closure = [...all.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name)
  const isInstalled = (name) => /^Status: .* ok installed$/m.test(spawnSync('/usr/bin/dpkg-query', ['-s', name]).stdout.toString())
  return fetch(
    apt,
    folder,
    closure.filter((name) => isSystemd(name) || !isInstalled(name)),
  )
}

/** Folder with what the packages hold. */
function fetch(apt, folder, names) {
  apt('apt-get', 'download', '-qq', ...names)
  const root = join(folder, 'package')
  for (const deb of readdirSync(folder).filter((file) => file.endsWith('.deb'))) run('dpkg-deb', ['-x', join(folder, deb), root])
  return root
}

/** apt with lists of its own, for a machine on which nothing is installed; leaves the real one's alone. */
function privateApt(folder, sources) {
  rmSync(join(folder, 'lists'), { recursive: true, force: true })
  for (const path of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, 'sources.list'), sources)
  writeFileSync(join(folder, 'installed'), '')
  const options = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'installed'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': 'root',
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const apt = (program, ...args) => {
    try {
      return run(program, [...flags, ...args], { cwd: folder, env, timeout: 300_000 }).toString()
    } catch (error) {
      throw new Unavailable(`no package could be fetched (${error.message})`)
    }
  }
  apt('apt-get', 'update', '-qq')
  return apt
}

/** The archive that this machine installs from. */
function debianArchive() {
  const os = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(os)?.[1]
  if (!/^ID=debian$/m.test(os) || codename === undefined) throw new Unavailable('needs a Debian machine to take packages from')
  const parts = existsSync('/etc/apt/sources.list.d') ? readdirSync('/etc/apt/sources.list.d').map((name) => `/etc/apt/sources.list.d/${name}`) : []
  const texts = ['/etc/apt/sources.list', ...parts].filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'))
  const archives = texts.flatMap((text) => [...text.matchAll(/^(?:URIs:|deb(?: \[[^\]]*\])?) *(\S+\/debian)\/?(?:\s|$)/gm)].map(([, uri]) => uri))
  if (archives[0] === undefined)
    throw new Unavailable("needs an archive to take packages from, expected one whose address ends in /debian among apt's sources")
  return { archive: archives[0], codename }
}
