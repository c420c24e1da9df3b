import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

// Debian's package first; no browser is ever downloaded.
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']

/** Path of a Chromium on this machine, `FLYBALL_CHROMIUM` before all others; undefined where there is none. */
export const chromiumPath = [process.env['FLYBALL_CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path))

export const noChromium = 'no Chromium here: install the package chromium, or name one in FLYBALL_CHROMIUM'

/** Headless, and quiet towards the network. The sandbox needs user namespaces, which root and containers seldom have. */
export function openChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(noChromium)
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', ...quiet] })
}
