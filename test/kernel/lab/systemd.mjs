import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Unavailable, unpackSystemdPackages } from './packages.mjs'

/** Files of systemd and udev for a guest, in `folder`/systemd as /usr and /etc, fetched once. Where they cannot be had, `folder`/no-systemd says why. */
export function ensureSystemd(folder) {
  const done = join(folder, 'systemd')
  const reason = join(folder, 'no-systemd')
  if (existsSync(done)) return
  const work = join(folder, 'work-systemd')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  try {
    const root = unpackSystemdPackages(work)
    // Packages may still say /lib for /usr/lib.
    for (const dir of ['bin', 'sbin', 'lib', 'lib64'])
      if (existsSync(join(root, dir))) {
        cpSync(join(root, dir), join(root, 'usr', dir), { recursive: true, verbatimSymlinks: true })
        rmSync(join(root, dir), { recursive: true })
      }
    for (const dir of ['usr/share/doc', 'usr/share/man', 'usr/share/locale']) rmSync(join(root, dir), { recursive: true, force: true })
    rmSync(reason, { force: true })
    renameSync(root, done)
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    writeFileSync(reason, `${error.message}\n`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
