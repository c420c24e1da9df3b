import { existsSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tracePartsOf } from '../../src/trace/parts.ts'
import { openTrace } from '../../src/trace/reader.ts'
import { makeWorkplace, type Workplace } from '../support/cli.ts'
import { waitFor } from '../support/wait-for.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const simulated = ['--env', 'sim:odroid-xu4@budget-change']

async function exact(run: string): Promise<{ decisions: number }> {
  const { stdout } = await place.run('replay', run, '--json')
  const { execution } = JSON.parse(stdout) as { execution: { exact: boolean; decisions: number } }
  expect(execution).toMatchObject({ exact: true })
  return execution
}

describe('flyball record', () => {
  it('logs true propensities and changed requirements, and the log re-executes', async () => {
    const out = place.path('sim')
    const { status, stdout } = await place.run('record', ...simulated, '--explore', 'epsilon:0.4', '--steps', '800', '--out', out, '--json')
    expect(status).toBe(0)
    const result = JSON.parse(stdout) as { decisionSizeB: number }
    expect(result).toMatchObject({ agent: 'explorer', explore: 'epsilon:0.4', incumbent: 'best', steps: 800, removed: 0 })
    const entries = [...openTrace(`${out}/trace.jsonl`).entries()]
    const decisions = entries.flatMap((entry) => (entry.kind === 'decision' ? [entry] : []))
    expect(decisions.filter(({ propensity }) => propensity > 0.5).length / 800).toBeCloseTo(0.6, 1)
    expect(entries.filter(({ kind }) => kind === 'requirements').length).toBeGreaterThan(0)
    expect(result.decisionSizeB).toBeLessThan(400)
    expect(await exact(out)).toMatchObject({ decisions: 800 })
  })

  it('explores around an agent that learns, within a bound on the disk; what is left re-executes', async () => {
    const out = place.path('bounded')
    const args = ['--incumbent', 'q-learning', '--explore', 'safe:50%', '--steps', '9000', '--max-size', '1.1MB']
    const { stdout } = await place.run('record', ...simulated, ...args, '--out', out, '--json')
    const { removed } = JSON.parse(stdout) as { removed: number }
    expect(removed).toBeGreaterThan(0)
    const sizeB = tracePartsOf(`${out}/trace.jsonl`).reduce((sum, file) => sum + statSync(file).size, 0)
    expect(sizeB).toBeLessThan(1.1e6)
    expect(await exact(out)).toMatchObject({ decisions: 9000 - removed })
  })

  it('logs on this machine; killed, it loses at most one line', async () => {
    const out = place.path('killed')
    const started = place.start(
      'record',
      '--network',
      place.network,
      '--rate',
      'back-to-back',
      '--virtual',
      'none',
      '--steps',
      '1000000',
      '--out',
      out,
    )
    await waitFor('decisions', () => existsSync(`${out}/trace.jsonl`) && statSync(`${out}/trace.jsonl`).size > 20_000)
    started.child.kill('SIGKILL')
    await started.ended
    expect((await exact(out)).decisions).toBeGreaterThan(10)
  })

  it.each([
    [['--explore', 'sometimes'], 'ERR_USAGE'],
    [['--incumbent', 'nobody'], 'ERR_UNKNOWN_AGENT'],
    [['--max-size', '10kB'], 'ERR_RANGE'],
    [['--max-size', '10'], 'ERR_UNIT'],
    [['--env', 'suite:scenarios'], 'ERR_USAGE'],
  ])('refuses %s before anything is written', async (args, code) => {
    const out = place.path('refused')
    const { status, stderr } = await place.run('record', ...simulated, ...args, '--out', out)
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(code) })
    expect(existsSync(`${out}/trace.jsonl`)).toBe(false)
  })
})

describe('flyball train --from', () => {
  it('learns from a log of this machine, and deploys what it learned', async () => {
    const [log, out] = [place.path('log'), place.path('learned')]
    const board = ['--network', place.network, '--rate', 'back-to-back', '--virtual', 'none']
    await place.run('record', ...board, '--explore', 'epsilon:0.5', '--steps', '300', '--out', log)
    const { status, stdout } = await place.run('train', '--from', log, '--agent', 'linucb', '--out', out, '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ agent: 'linucb', decisions: 240, passes: 1, dropped: 0, deployable: true, heldOut: { decisions: 60 } })
    const deployed = await place.run('deploy', out, '--steps', '20', '--json')
    expect(JSON.parse(deployed.stdout)).toMatchObject({ agent: 'linucb', steps: 20 })
  })

  it('says what cannot be asked of a log', async () => {
    const { status, stderr } = await place.run('train', '--from', place.path('log'), '--deadline', '10ms', '--out', place.path('none'))
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--deadline: what was asked stands in the log') })
    const board = await place.run('train', '--from', place.path('log'), '--env', 'table:x', '--out', place.path('none'))
    expect(board).toMatchObject({ status: 2, stderr: expect.stringContaining('instead of --env table:x') })
  })
})
