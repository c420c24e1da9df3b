import { describe, expect, it } from 'vitest'
import type { Evaluation } from '../../src/network/evaluation.ts'
import { type NetworkReport, renderNetworkReport } from '../../src/report/network-report.ts'
import { anytimeVerdict, verdict } from '../../src/report/network-rows.ts'

const bin = (low: number, images: number, accuracy: number) => ({ low, high: low + 0.5, images, confidence: low + 0.25, accuracy })
const size = (subnet: string, top1: number, macs: number, difference: { mean: number; lo: number; hi: number }): Evaluation['sizes'][number] => ({
  subnet,
  top1,
  images: 200,
  ece: 0.0321,
  reliability: [bin(0, 50, 0.2), bin(0.5, 150, 0.8)],
  confusion: [
    [80, 20],
    [30, 70],
  ],
  macs,
  parameters: 1234,
  sizeB: 246_000,
  residentB: 2.5e6,
  latencyS: { p50: 106e-6, p95: 144e-6, p99: null, n: 300 },
  anytime: { top1: top1 + difference.mean, difference: { ...difference, n: 200 } },
})

const none = { mean: 0, lo: 0, hi: 0 }
const report: NetworkReport = {
  network: 'networks/mine',
  date: '2026-01-01T00:00:00.000Z',
  versions: { flyball: '0.1.0' },
  signature: 'mine 25/50/100 abc',
  dataset: 'pets & <farm>',
  mayBeLearned: false,
  labels: ['cat', 'cow & calf'],
  sizes: [
    size('25', 0.7, 5e6, none),
    size('50', 0.75, 10e6, { mean: 0.02, lo: 0.01, hi: 0.03 }),
    size('75', 0.78, 15e6, { mean: 0.001, lo: -0.002, hi: 0.004 }),
    size('100', 0.8, 20e6, none),
  ],
  anytime: [
    { threshold: 0, top1: 0.7, meanMacs: 5e6, confidence: 0.69, shares: [1, 0, 0, 0] },
    { threshold: 0.9, top1: 0.79, meanMacs: 13.5e6, confidence: 0.775, shares: [0.25, 0.25, 0.125, 0.375] },
  ],
}

describe('the page of a network', () => {
  it('shows figures, class names and charts, and stands alone', async () => {
    const html = await renderNetworkReport(report)
    for (const text of [
      'networks/mine',
      'mine 25/50/100 abc',
      '75.00 %',
      '3.21 %',
      '10.00 M',
      '246 kB',
      '2.50 MB',
      '106 us',
      'size 50: ECE 3.21 %',
      'size 50: top-1 75.00 %',
      'top-1 (%)',
      'mean multiply-accumulates (millions)',
      'confidence (%)',
      '13.50 M',
      '37.5 %',
      '+1.00 to +3.00',
    ])
      expect(html).toContain(text)
    expect(html).toContain('pets &amp; &lt;farm&gt;')
    expect(html).toMatch(/<text[^>]*>cow &amp; calf<\/text>/)
    expect(html).not.toContain('<farm>')
    // One of cost, four of reliability, four of confusion with four cells each.
    expect(html.match(/<svg /g)).toHaveLength(9)
    expect(html.match(/label: cat; kind: right; share: 80"/g)).toHaveLength(4)
    expect(html).not.toMatch(/<script|<img|<link|src=|@import|href="http/)
    expect(html).toContain('prefers-color-scheme: dark')
  })

  it('of a thousand classes draws the cells that hold images alone', async () => {
    const [first] = report.sizes as [NetworkReport['sizes'][number]]
    const labels = Array.from({ length: 1000 }, (_, k) => `class ${k}`)
    const confusion = labels.map((_, k) => labels.map((__, a) => (a === k ? 3 : 0)))
    const html = await renderNetworkReport({ ...report, labels, anytime: [], sizes: [{ ...first, confusion }] })
    expect(html.match(/kind: right/g)).toHaveLength(1000)
    expect(html.length).toBeLessThan(2e6)
  })

  it('says that memory is absent, and that variants have no curve', async () => {
    const sizes = report.sizes.map((each) => ({ ...each, residentB: null, anytime: null }))
    const html = await renderNetworkReport({ ...report, sizes, anytime: [] })
    expect(html).toContain('resident memory: absent')
    expect(html).not.toContain('it was trained')
    expect(await renderNetworkReport({ ...report, sizes, anytime: [], mayBeLearned: true })).toContain(
      'may be some that it was trained or calibrated on',
    )
    expect(html).toContain('variants do not add up')
    expect(html.match(/<svg /g)).toHaveLength(8)
  })
})

describe('the verdict', () => {
  it.each([
    [{ mean: 0, lo: 0, hi: 0 }, 'the same'],
    [{ mean: 0.02, lo: 0.01, hi: 0.03 }, 'anytime is better'],
    [{ mean: -0.02, lo: -0.03, hi: -0.01 }, 'anytime is worse'],
    [{ mean: 0.01, lo: -0.01, hi: 0.03 }, 'not distinguishable'],
  ])('on %j is: %s', (difference, words) => expect(verdict({ ...difference, n: 9 })).toBe(words))

  it('names the sizes that anytime does not beat', () => {
    expect(anytimeVerdict(report)).toBe('at equal mean MACs anytime is not better than the fixed 75 (not distinguishable)')
    expect(anytimeVerdict({ ...report, sizes: report.sizes.filter(({ subnet }) => subnet !== '75') })).toBe(
      'at equal mean MACs anytime is better than the fixed 50',
    )
    expect(anytimeVerdict({ ...report, sizes: report.sizes.slice(0, 2) })).toContain('nothing to compare')
  })
})
