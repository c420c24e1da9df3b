import { readdirSync, readFileSync } from 'node:fs'
import { type Access, accessOf } from './kept-file.ts'

/** A small text file read once, and how it answered. */
export interface Answer {
  readonly access: Access
  /** Without surrounding white space and trailing NULs (device-tree strings end with one); undefined unless access is 'ok'. */
  readonly text: string | undefined
}

/** Reads a whole kernel file at start-up. Never throws. */
export function readAnswer(path: string): Answer {
  try {
    return { access: 'ok', text: readFileSync(path, 'utf8').replaceAll('\0', ' ').trim() }
  } catch (error) {
    return { access: accessOf(error), text: undefined }
  }
}

/** The file's text without surrounding white space; undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  return readAnswer(path).text
}

/** A number in a text file, in the kernel's unit; undefined when absent or no number. */
export function readNumber(path: string): number | undefined {
  return parseNumber(readText(path))
}

export function parseNumber(text: string | undefined): number | undefined {
  const number = text !== undefined && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** Words separated by white space; empty when the file cannot be read. */
export function readWords(path: string): string[] {
  return parseWords(readText(path))
}

export function parseWords(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(/\s+/)
}

/** Entries of a folder whose name matches, ordered by the first number in the name; empty when the folder cannot be read. */
export function listFolder(path: string, pattern: RegExp): string[] {
  let names: string[]
  try {
    names = readdirSync(path)
  } catch {
    return []
  }
  return names.filter((name) => pattern.test(name)).sort((a, b) => numberIn(a) - numberIn(b) || (a < b ? -1 : 1))
}

function numberIn(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0)
}
