import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { BoardEnv } from '../../../envs/board/board-env.ts'
import { type AnytimeSettings, makeEarlyStop, setEarlyStop } from '../../../envs/board/early-stop.ts'
import type { Requirements } from '../../../src/core/outcome.ts'
import { getAffinity } from '../../../src/linux/affinity.ts'
import { openNetwork } from '../../../src/network/manifest.ts'
import { boardEnv, openBoard, resolveBoard } from '../../../src/run/open-board.ts'
import { halfway, pictureConfidences } from '../../support/picture-confidences.ts'
import { writeSmallNetwork } from '../../support/small-network.ts'

describe('when an inference may end', () => {
  const at = (settings: AnytimeSettings, requirements: Partial<Requirements>) => {
    const early = makeEarlyStop()
    setEarlyStop(early, settings, { percentile: 99, ...requirements }, 100)
    return early
  }
  it.each([
    [{}, {}, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [{ confidence: 0.8 }, { deadlineS: 0.5 }, 0.8, 100.5],
    [{}, { leastConfidence: 0.7 }, 0.7, Number.POSITIVE_INFINITY],
    // What breaks a requirement is not sure enough.
    [{ confidence: 0.8 }, { leastConfidence: 0.9 }, 0.9, Number.POSITIVE_INFINITY],
    [{ confidence: 0.5 }, { leastConfidence: 0.6, accuracyFloor: 0.7 }, 0.7, Number.POSITIVE_INFINITY],
    // A floor alone asks for no confidence.
    [{}, { accuracyFloor: 0.7 }, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('%j under %j: at confidence %d or time %d', (settings, requirements, confidence, deadlineS) => {
    expect(at(settings, requirements)).toEqual({ confidence, deadlineS })
  })
})

describe('this machine with anytime inference', () => {
  const dir = writeSmallNetwork()
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const network = openNetwork(dir)
  let confidences: number[][]
  let threshold: number

  beforeAll(async () => {
    confidences = await pictureConfidences(network)
    threshold = halfway(confidences)
  })

  let env: BoardEnv | undefined
  afterEach(async () => {
    await env?.close()
    env = undefined
  })
  const open = async (anytime: AnytimeSettings, requirements: Partial<Requirements> = {}, advise = false) => {
    const settings = resolveBoard({
      root: '/',
      rate: 'back-to-back',
      clusters: getAffinity(0).slice(0, 2).join('+'),
      virtual: 'none',
      interfere: [],
      anytime,
    })
    env = boardEnv(await openBoard(settings, dir, () => {}), settings, { requirements: { percentile: 99, ...requirements }, advise })
    return env
  }
  const pointOf = (board: BoardEnv, subnet: string, cores: number) =>
    board.spaces.points.findIndex((point) => point['subnet'] === subnet && point['cores'] === cores)

  it('ends each inference at the first answer that is sure enough, and expects of it what it is sure of', async () => {
    const board = await open({ confidence: threshold })
    await board.reset({ seed: 1 })
    const ends = new Set<number>()
    for (const sure of confidences) {
      const { outcome, answered } = await board.step(pointOf(board, '100', 1))
      const first = sure.findIndex((confidence) => confidence >= threshold)
      const end = first < 0 ? 3 : first
      ends.add(end)
      expect(board.runtime.answer).toMatchObject({ subnet: end, stop: end === 3 ? 'size' : 'confidence' })
      expect(answered).toBe(end === 3 ? undefined : end)
      expect(outcome.confidence).toBeCloseTo(sure[end] as number, 5)
      expect(outcome).toMatchObject({ accuracy: outcome.confidence, accuracyQuality: 'estimated' })
    }
    expect(ends.size).toBeGreaterThan(1)
  })

  it('expects the top-1 of the smallest sub-network where that is the most that runs', async () => {
    const board = await open({ confidence: threshold })
    await board.reset({ seed: 1 })
    const { outcome, answered } = await board.step(pointOf(board, '25', 1))
    expect(outcome).toMatchObject({ accuracy: 0.55, accuracyQuality: 'estimated' })
    expect(answered).toBeUndefined()
  })

  it('with two cores looks after each two increments', async ({ skip }) => {
    if (getAffinity(0).length < 2) skip('this process may use one core only')
    const board = await open({ confidence: 0 })
    await board.reset({ seed: 1 })
    expect((await board.step(pointOf(board, '100', 2))).answered).toBe(1)
    expect((await board.step(pointOf(board, '50', 2))).answered).toBeUndefined()
    expect((await board.step(pointOf(board, '100', 1))).answered).toBe(0)
  })

  it('stops when the deadline has passed, with what is expected of the sub-network that answered', async () => {
    // Nothing is ready within a nanosecond.
    const board = await open({}, { deadlineS: 1e-9 })
    await board.reset({ seed: 1 })
    const { outcome, answered } = await board.step(pointOf(board, '100', 1))
    expect(answered).toBe(0)
    expect(board.runtime.answer.stop).toBe('deadline')
    expect(outcome).toMatchObject({ accuracy: 0.55, accuracyQuality: 'estimated', deadlineMet: false })
  })

  it('runs to the size while profiling and while advising', async () => {
    const board = await open({ confidence: 0 })
    await board.reset({ seed: 1, quiet: true })
    expect((await board.step(pointOf(board, '100', 1))).outcome.accuracy).toBe(0.69)
    await board.reset({ seed: 1 })
    expect((await board.step(pointOf(board, '100', 1))).answered).toBe(0)
    await board.close()
    const advising = await open({ confidence: 0 }, {}, true)
    await advising.reset({ seed: 1 })
    expect((await advising.step(0)).outcome.accuracy).toBe(0.69)
  })
})
