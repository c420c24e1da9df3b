import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** The folder as the kernel unpacks it at boot: a cpio archive ("newc"), gzip around it. Source: Documentation/driver-api/early-userspace/buffer-format.rst. */
export function packInitramfs(folder) {
  const parts = []
  let inode = 1
  const add = (name, mode, data) => {
    const path = Buffer.from(`${name}\0`)
    const fields = [inode++, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, path.length, 0]
    const head = Buffer.from(`070701${fields.map((value) => value.toString(16).padStart(8, '0')).join('')}`)
    parts.push(padded(Buffer.concat([head, path])), padded(data))
  }
  const walk = (below) => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = below === '' ? name : `${below}/${name}`
      const { mode } = lstatSync(join(folder, path))
      const kind = mode & 0o170000
      if (kind === 0o120000) add(path, mode, Buffer.from(readlinkSync(join(folder, path))))
      else add(path, mode, kind === 0o100000 ? readFileSync(join(folder, path)) : Buffer.alloc(0))
      if (kind === 0o040000) walk(path)
    }
  }
  walk('')
  add('TRAILER!!!', 0, Buffer.alloc(0))
  return gzipSync(Buffer.concat(parts), { level: 1 })
}

const padded = (data) => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])
