import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkplace, type Workplace } from '../support/cli.ts'

let place: Workplace
beforeAll(() => {
  place = makeWorkplace()
})
afterAll(() => place.remove())

const commands = [
  ['train'],
  ['deploy'],
  ['record'],
  ['replay'],
  ['trace', 'show'],
  ['trace', 'convert'],
  ['doctor'],
  ['restore'],
  ['demo'],
  ['boards'],
  ['boards', 'show'],
  ['scenarios'],
  ['scenarios', 'show'],
  ['network', 'train'],
  ['network', 'export'],
  ['network', 'eval'],
]

describe('help', () => {
  it.each(commands)('of %s %s has an example', async (...command) => {
    const { status, stdout, stderr } = await place.run(...command.filter((word) => word !== undefined), '--help')
    expect(status).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/Example/)
    expect(stdout).toMatch(new RegExp(`^ +flyball ${command.filter(Boolean).join(' ')}\\b`, 'm'))
    expect(stdout).toContain('--json')
  })

  it('names every command', async () => {
    const { status, stdout } = await place.run('--help')
    expect(status).toBe(0)
    for (const name of new Set(commands.map(([first]) => first))) expect(stdout).toMatch(new RegExp(`^ +${name}\\b`, 'm'))
  })

  it('is what a call without a command gets, and that is a wrong call', async () => {
    const { status, stdout, stderr } = await place.run()
    expect(status).toBe(2)
    expect(stdout + stderr).toContain('Usage: flyball')
  })
})

describe('--version', () => {
  it('is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    expect(await place.run('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })
})
