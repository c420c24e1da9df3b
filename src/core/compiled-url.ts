/**
 * URL of a compiled program of this package, for a worker thread or child process. They must be JavaScript; where this module runs as
 * TypeScript source (tests), the build output beside the sources has them.
 */
export function compiledUrl(path: string): URL {
  const fromSource = import.meta.url.endsWith('.ts')
  return new URL(`${fromSource ? '../../dist' : '../..'}/${path}`, import.meta.url)
}
