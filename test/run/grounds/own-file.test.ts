import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readScenario } from '../../../envs/world/scenario/shipped.ts'
import { readShipped } from '../../../src/board/known/shipped.ts'
import { findBoard, findGrounds, openGround } from '../../../src/run/grounds/open.ts'
import type { GroundOptions } from '../../../src/run/grounds/spec.ts'
import { errorOf } from '../../support/error-of.ts'

let dir: string
let mine: string
let shadow: string
let drift: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flyball-own-file-'))
  const write = (name: string, value: unknown): string => {
    const path = join(dir, name)
    writeFileSync(path, JSON.stringify(value))
    return path
  }
  mine = write('mine.json', { ...readShipped('rk3399'), id: 'mine' })
  shadow = write('shadow.json', readShipped('rk3399'))
  const { sources: _sources, ...bare } = readScenario('drift')
  drift = write('drift.json', { ...bare, events: [{ kind: 'co-runner', cluster: 'a99', share: 0.5 }] })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const open = (env: string, options: Partial<GroundOptions> = {}) => {
  const [spec] = findGrounds([env], options)
  if (spec === undefined) throw new Error('no ground')
  return openGround(spec)
}

describe('a board file of the user', () => {
  it('is named by its path, or by its id beside --board, and the figures say which file they are of', () => {
    for (const ground of [open(`sim:${mine}`), open('sim:mine', { board: mine })]) {
      expect(ground.id).toBe('sim:mine')
      expect(ground.labels.slice(0, 2)).toEqual(['simulated: mine, nominal plant', `board of ${mine}`])
    }
    expect(open(`sim:${mine}@steady`).id).toBe('sim:mine@steady')
  })

  it('that has the name of a shipped board is told apart from it', () => {
    expect(open('sim:rk3399', { board: shadow }).labels[1]).toBe(`board of ${shadow}, not the board of that name that ships with flyball`)
    expect(findBoard('rk3399', mine)).toEqual({ board: readShipped('rk3399') })
    expect(open('sim:rk3399').labels.join()).not.toContain('board of')
  })

  it('is named in the error where another is asked for', () => {
    expect(errorOf(() => findBoard('mime', mine))).toMatchObject({
      code: 'ERR_UNKNOWN_BOARD',
      message: expect.stringMatching(/^no board is called 'mime', .*mine\.json is of 'mine'\)$/),
    })
    expect(errorOf(() => findBoard(join(dir, 'none.json'), mine))).toMatchObject({ code: 'ERR_BOARD_FILE' })
  })
})

describe('a scenario file of the user', () => {
  it('is named in errors and beside figures, and told apart from a shipped one', () => {
    expect(errorOf(() => open('sim:rk3399', { scenario: drift }))).toMatchObject({
      code: 'ERR_SCENARIO',
      message: `${drift}: events.0.cluster is 'a99', which is no cluster here: expected a53, a72, fastest, slowest, all or any`,
    })
    writeFileSync(drift, JSON.stringify({ ...readScenario('drift'), events: [] }))
    const ground = open('sim:rk3399', { scenario: drift })
    expect(ground.id).toBe('sim:rk3399@drift')
    expect(ground.labels.at(-1)).toBe(`scenario of ${drift}, not the scenario of that name that ships with flyball`)
    expect(open('sim:rk3399@drift').labels.join()).not.toContain('scenario of')
  })
})
