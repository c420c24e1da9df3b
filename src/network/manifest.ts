import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { FlyballError, isSystemError } from '../core/errors.ts'
import { parseJson } from '../core/json.ts'
import { problemOf } from './manifest-rules.ts'
import { manifestSchema, type NetworkManifest } from './manifest-schema.ts'

export type { NetworkManifest } from './manifest-schema.ts'

/** A dynamic network on disk: what its manifest says, with the files checked. */
export interface Network {
  readonly dir: string
  readonly manifest: NetworkManifest
  /** The same text exactly for the same weights and sub-networks: what a checkpoint was made for. */
  readonly signature: string
  /** Indices of the units that sub-network `subnet` (an index into `manifest.subnets`) runs, in order. */
  unitsOf(subnet: number): readonly number[]
  /** Path of the ONNX file of a unit. */
  fileOf(unit: number): string
}

export const manifestFile = 'manifest.json'

/** Files up to this size are hashed on opening, a few milliseconds; of larger ones the size is compared. */
const hashedB = 16 * 2 ** 20

/** Opens a network: reads `manifest.json` of a folder and checks the files it names. Throws ERR_NETWORK_MANIFEST or ERR_NETWORK_FILE. */
export function openNetwork(dir: string): Network {
  const path = join(dir, manifestFile)
  const manifest = parseManifest(readManifest(path), path)
  manifest.units.forEach((unit, u) => {
    checkFile(join(dir, unit.file), unit, `${path}: units[${u}]`)
  })
  return makeNetwork(dir, manifest)
}

/** A network whose files are not looked at. */
export function makeNetwork(dir: string, manifest: NetworkManifest): Network {
  const weights = hashOf(Buffer.from(manifest.units.map((unit) => unit.sha256).join())).slice(0, 12)
  return {
    dir,
    manifest,
    signature: `${manifest.name} ${manifest.subnets.map(({ name }) => name).join('/')} ${weights}`,
    unitsOf: (subnet) => {
      const units = manifest.subnets[subnet]?.units
      if (units === undefined) throw new FlyballError('ERR_INTERNAL', `${manifest.name} has no sub-network ${subnet}`)
      return units
    },
    fileOf: (unit) => join(dir, manifest.units[unit]?.file ?? ''),
  }
}

function readManifest(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new FlyballError('ERR_NETWORK_MANIFEST', `${path} cannot be read, expected the manifest of a network: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** The manifest in `text`; `where` names it in errors. Pure. Throws ERR_NETWORK_MANIFEST naming the field. */
export function parseManifest(text: string, where: string): NetworkManifest {
  const fail = (message: string, cause?: unknown): never => {
    throw new FlyballError('ERR_NETWORK_MANIFEST', `${where}: ${message}`, { cause })
  }
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    return fail(`is not JSON: ${(error as Error).message}`, error)
  }
  const parsed = v.safeParse(manifestSchema, json)
  if (!parsed.success) {
    const [issue] = parsed.issues
    return fail(`${v.getDotPath(issue) ?? 'the document'} is ${issue.received}: ${issue.message}`)
  }
  const manifest = parsed.output
  const problem = problemOf(manifest)
  if (problem !== undefined) fail(problem)
  return manifest
}

function checkFile(path: string, unit: NetworkManifest['units'][number], field: string): void {
  const fail = (message: string, cause?: unknown): never => {
    throw new FlyballError('ERR_NETWORK_FILE', `${field}.file: ${path} ${message}`, { cause })
  }
  try {
    const { size } = statSync(path)
    if (size !== unit.sizeB) fail(`has ${size} bytes, expected ${unit.sizeB}`)
    if (size <= hashedB) {
      const sha256 = hashOf(readFileSync(path))
      if (sha256 !== unit.sha256) fail(`was changed: its SHA-256 is ${sha256}, expected ${unit.sha256}`)
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) fail('is missing', error)
    if (error instanceof FlyballError) throw error
    fail(`cannot be read: ${(error as Error).message}`, error)
  }
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
