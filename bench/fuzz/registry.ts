import type { FuzzedParser } from './parser.ts'
import { argumentParsers } from './parsers/arguments.ts'
import { checkpointParsers } from './parsers/checkpoints.ts'
import { documentParsers } from './parsers/documents.ts'
import { importParsers } from './parsers/imports.ts'
import { kernelParsers } from './parsers/kernel.ts'
import { kernelTree } from './parsers/kernel-tree.ts'
import { networkParsers } from './parsers/networks.ts'
import { traceParsers } from './parsers/traces.ts'

/** Every parser of files and of kernel text. Some hold a folder until they are closed. */
export const allParsers = (): FuzzedParser[] => [
  ...checkpointParsers(),
  ...traceParsers(),
  ...importParsers(),
  ...documentParsers(),
  ...networkParsers(),
  ...kernelParsers(),
  kernelTree(),
  ...argumentParsers(),
]
