import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chartName } from '../../src/report/compare-format.ts'
import { compareReportHtml } from '../../src/report/compare-report.ts'
import { chromiumPath, noChromium, openChromium } from '../support/browser.ts'
import { sampleAgents, sampleSuite } from './compare-sample.ts'

describe.skipIf(chromiumPath === undefined)(`the page in Chromium${chromiumPath === undefined ? ` (skipped: ${noChromium})` : ''}`, () => {
  let browser: Browser
  let dir: string
  let url: string

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flyball-report-'))
    writeFileSync(join(dir, 'report.html'), await compareReportHtml(sampleSuite))
    url = pathToFileURL(join(dir, 'report.html')).href
    browser = await openChromium()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  async function open(
    width: number,
    more: { javaScriptEnabled?: boolean; colorScheme?: 'dark' | 'light' } = {},
  ): Promise<{ page: Page; said: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, ...more })
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    page.on('request', (request) => said.push(request.url()))
    await page.goto(url)
    return { page, said }
  }

  it.each([390, 1200])('is %i pixels wide and no wider, fetches nothing and complains about nothing', async (width) => {
    const { page, said } = await open(width)
    expect(said).toEqual([url])
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    const beyond = await page.evaluate<string[]>(
      `[...document.querySelectorAll('body *')].filter((each) => !each.closest('.wide') && each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML.slice(0, 80))`,
    )
    expect(beyond).toEqual([])
    await page.close()
  })

  it('shows four charts an environment, each with a description and a size', async () => {
    const { page } = await open(390)
    const charts = page.locator('figure > svg[role="img"]')
    expect(await charts.count()).toBe(4 * sampleSuite.length)
    for (const chart of await charts.all()) {
      const box = await chart.boundingBox()
      expect(box?.width).toBeGreaterThan(200)
      expect(box?.width).toBeLessThanOrEqual(390)
      expect(box?.height).toBeGreaterThan(100)
      expect(await chart.getAttribute('aria-label')).toMatch(/ on sim:odroid-xu4@/)
    }
    await page.close()
  })

  it('names every agent in the summary, in the rankings and in the charts, without a script', async () => {
    const { page } = await open(1200, { javaScriptEnabled: false })
    for (const { agent } of sampleAgents) {
      expect(await page.locator('table.matrix').getByText(agent, { exact: true }).isVisible()).toBe(true)
      expect(await page.locator('table.ranking').getByText(agent, { exact: true }).count()).toBe(sampleSuite.length)
      // In the panels, and cut off on an axis.
      expect(await page.locator('#env-1 svg').getByText(chartName(agent), { exact: true }).count()).toBeGreaterThanOrEqual(agent === 'oracle' ? 1 : 3)
    }
    await page.close()
  })

  it('keeps no table for a wide screen alone: on 1200 pixels the ranking fits without scrolling', async () => {
    const { page } = await open(1200)
    const hidden = await page.evaluate<number>(
      `[...document.querySelectorAll('.wide')].filter((each) => each.scrollWidth > each.clientWidth + 1).length`,
    )
    expect(hidden).toBe(0)
    await page.close()
  })

  it('links from the summary to each environment', async () => {
    const { page } = await open(1200)
    for (const link of await page.locator('table.matrix a').all()) expect(await page.locator(`${await link.getAttribute('href')}`).count()).toBe(1)
    await page.close()
  })

  it('keeps its words readable on a dark page', async () => {
    const { page } = await open(1200, { colorScheme: 'dark' })
    const [ink, paper, chart] = await page.evaluate<string[]>(
      `[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('figure svg text')).fill]`,
    )
    expect(ink).toBe('rgb(232, 232, 232)')
    expect(paper).toBe('rgb(23, 25, 28)')
    expect([ink, 'rgb(165, 165, 165)']).toContain(chart)
    await page.close()
  })
})
