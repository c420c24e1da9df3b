import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

it('ends quietly, as any program does, when nobody reads its output any more', async () => {
  const { child, ended } = place.start('boards', '--json')
  child.stdout?.destroy()
  const { status, stderr } = await ended
  expect(stderr).toBe('')
  expect(status).toBe(141)
})

it('goes on when nobody reads its progress', async () => {
  const { child, ended } = place.start('boards', 'show', 'no-such-board')
  child.stderr?.destroy()
  expect((await ended).status).toBe(2)
})
