import { describe, expect, it } from 'vitest'
import { compareReportHtml } from '../../src/report/compare-report.ts'
import { sampleAgents, sampleResult, sampleSuite } from './compare-sample.ts'

const count = (html: string, kind: RegExp): number => html.match(kind)?.length ?? 0

describe('the page of a comparison', () => {
  it('stands alone, with what every figure is beside every figure', async () => {
    const html = await compareReportHtml(sampleSuite)
    expect(count(html, /<svg /g)).toBe(4 * sampleSuite.length)
    expect(count(html, /<figcaption>[^<]*<small>simulated: odroid-xu4, nominal plant; energy estimated, of the board</g)).toBe(4 * sampleSuite.length)
    expect(count(html, /heat assumed by the first trip/g)).toBe(1 + sampleSuite.length)
    expect(html).not.toMatch(/<script|<img|<image|<link|src=|@import|url\(|href="http/)
    expect(html).not.toMatch(/NaN|undefined|\[object/)
    expect(html.length).toBeLessThan(2e6)
    expect(html).toContain('infeasible: phase 2')
  })

  it('is the same, byte for byte, of the same results', async () => {
    const [first] = sampleSuite
    if (first === undefined) throw new Error('no sample')
    expect(await compareReportHtml([first])).toBe(await compareReportHtml([first]))
  })

  it('escapes every text that it was given', async () => {
    const evil = '<b>"&\''
    const html = await compareReportHtml([
      sampleResult(evil, [{ agent: `agent${evil}`, class: 'nothing', gap: 0.1, notes: [`note${evil}`] }], {
        labels: [`label${evil}`],
        requirements: [{ percentile: 99, deadlineS: 1 }],
        infeasible: [{ phase: 0, requirements: { percentile: 99 }, leastBad: { point: `point${evil}`, latencyS: 1, energyJ: 1, accuracy: 1 } }],
      }),
    ])
    expect(html).not.toContain('<b>')
    for (const kind of ['agent', 'note', 'label', 'point']) expect(html).toContain(`${kind}&lt;b&gt;&quot;&amp;`)
    expect(html).not.toMatch(/="[^"<>]*<b/)
  })

  it('of one seed has no intervals, of unknown energy no picture of it, of few steps no p99', async () => {
    const agents = sampleAgents.map((agent) => ({ ...agent, energyJ: null }))
    const html = await compareReportHtml([sampleResult('table:x', agents, { seeds: 1, steps: 60, energyQuality: 'absent', labels: ['measured: x'] })])
    expect(count(html, /<svg /g)).toBe(3)
    expect(html).toContain('without intervals')
    expect(html).toContain('energy unknown')
    expect(html).toContain('too few')
    expect(html).not.toMatch(/\d to -?\d+ ?%/)
    expect(html).not.toMatch(/NaN|undefined/)
  })

  it('draws a single agent beside an oracle that is not among the agents', async () => {
    const html = await compareReportHtml([sampleResult('table:x', [{ agent: 'ladder', class: 'nothing', gap: 0.2 }])])
    expect(count(html, /<svg /g)).toBe(4)
    expect(html).not.toMatch(/NaN|undefined/)
  })

  it('sets energy against the median latency where no deadline is asked', async () => {
    const asked = await compareReportHtml([sampleResult('table:x', sampleAgents)])
    expect(asked).toContain('Energy against missed deadlines')
    const html = await compareReportHtml([sampleResult('table:x', sampleAgents, { requirements: [{ percentile: 99 }] })])
    expect(html).toContain('Energy against median latency')
    expect(html).toMatch(/<text[^>]*>median latency \(ms\), logarithmic</)
    expect(html).not.toMatch(/deadlines missed|NaN/)
  })
})
