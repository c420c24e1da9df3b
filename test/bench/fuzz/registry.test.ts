import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { allParsers } from '../../../bench/fuzz/registry.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const parsers = allParsers()
afterAll(() => {
  for (const parser of parsers) parser.close?.()
})

/** Functions of such a name that no input of their own has to be made for, and why. */
const needless: Readonly<Record<string, readonly string[]>> = {
  'reads a file and hands it to a parser that is driven': [
    ...['src/board/known/read.ts readBoardFile', 'src/table/read.ts readTable', 'envs/world/scenario/read.ts readScenarioFile'],
    ...['src/linux/journal-file.ts readJournal', 'src/run/incumbent.ts readIncumbent', 'src/run/transfer.ts readTransfer'],
    ...[
      'src/run/generation.ts readGeneration',
      'src/run/offline/policies.ts readPolicy',
      'src/network/groups.ts readGroups',
      'src/network/training/state.ts readFinished',
    ],
    ...['src/network/onnx/group-model.ts readGroupWeights'],
  ],
  'reads what ships with flyball': ['src/board/known/shipped.ts readShipped', 'envs/world/scenario/shipped.ts readScenario'],
  'asks a library, which asks the system': ['src/board/inventory.ts readInventory'],
  'pictures: records of a fixed size, or decoded by sharp': [
    ...['src/network/dataset/cifar10.ts readCifar10', 'src/network/dataset/image-folder.ts readImageFolder'],
    'src/network/dataset/training-sets.ts readTrainingSets',
  ],
  'compares a line with what was written': ['src/linux/kernel-write.ts readKernelFile', 'src/linux/kernel-write.ts readBack'],
  'a system call fills it': ['src/linux/affinity.ts readAffinityMask'],
  'one line as it stands': ['src/linux/process-identity.ts readBootId'],
  'words of the command line that stand in no file': [
    ...['src/cli/options.ts parseNumber', 'src/cli/options.ts parseCount', 'src/cli/options.ts parseSettings'],
    ...['src/run/grounds/spec.ts parseGround', 'agents/options.ts readOptions', 'agents/dqn/settings.ts readDqnOptions'],
  ],
  'JSON with a limit on its depth, which every parser of documents calls': ['src/core/json.ts parseJson'],
}

/** Modules that call JSON.parse themselves, and why that is no way around `parseJson`. */
const plainJson: Readonly<Record<string, string>> = {
  'src/core/json.ts': 'is the one',
  'src/trace/record.ts': 'a record has strict fields, which nothing nests in, and a log has millions',
  'src/linux/journal-file.ts': 'so has a journal',
  'src/linux/left-behind.ts': 'looks for one word, and whatever it cannot read is for flyball restore to tell',
  'src/network/training/epoch-file.ts': 'so has its header',
  'src/network/resident.ts': 'the answer of our own child process',
  'src/network/resident-child.ts': 'the question of our own parent process',
  'envs/board/co-runner.ts': 'the task that our own parent process gives',
  'src/linux/watchdog-process.ts': 'the task that our own parent process gives',
  'src/run/settings.ts': 'what it has just written',
  'src/run/versions.ts': 'our own package.json',
}

/** Modules that read text and that no parser names, and why not. */
const plainReaders: Readonly<Record<string, readonly string[]>> = {
  'hands what it reads to a parser that is driven': [...['src/network/groups.ts', 'src/network/add/inspect.ts', 'src/network/add/write-variants.ts']],
  'reads what ships with flyball, or what it has just written': [
    ...['envs/world/scenario/shipped.ts', 'src/board/known/shipped.ts', 'src/run/versions.ts', 'src/checkpoint/writer.ts'],
    'src/network/finish-training.ts',
  ],
  'asks whether there is anything, or for one word': [
    ...['src/board/sensor-check.ts', 'src/board/sensor-fix.ts', 'src/cli/doctor.ts', 'src/linux/writers.ts', 'src/linux/cpufreq-clamp.ts'],
    'src/linux/kernel-write.ts',
  ],
  'ids of threads, which the kernel takes back as they stand': ['src/linux/cgroup-remove.ts'],
  'pictures: records of a fixed size': ['src/network/dataset/cifar10.ts'],
  'the question of our own parent process': ['src/network/resident-child.ts'],
}

const sources = ['src', 'agents', 'envs'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
)
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const found = sources.flatMap((file) =>
  [...textOf(file).matchAll(/^export (?:async )?(?:function\*?|const) ((?:parse|read)[A-Z]\w*)/gm)].map(([, name]) => `${file} ${name}`),
)

describe('every parser of files and kernel text', () => {
  it('is fuzzed, or it is said why not', () => {
    const driven = new Set([...parsers.flatMap(({ covers }) => covers), ...Object.values(needless).flat()])
    expect(found.filter((one) => !driven.has(one))).toEqual([])
  })

  it('that is named is there', () => {
    const named = [...parsers.flatMap(({ covers }) => covers), ...Object.values(needless).flat()]
    for (const one of named) {
      const [file = '', name = ''] = one.split(' ')
      expect(textOf(file), one).toMatch(new RegExp(`^export (async )?(function\\*?|const) ${name}\\b`, 'm'))
    }
  })

  it('stands in a module that is driven, or it is said why not: whoever reads text takes it apart', () => {
    const driven = new Set(parsers.flatMap(({ covers, modules = [] }) => [...covers.map((cover) => cover.split(' ')[0]), ...modules]))
    const told = Object.values({ ...needless, ...plainReaders })
      .flat()
      .map((one) => one.split(' ')[0])
    const reading = sources.filter((file) => /\b(readFileSync|readSync|createReadStream|readFile|readText|readNumber|readWords)\(/.test(textOf(file)))
    expect(reading.length).toBeGreaterThan(40)
    expect(reading.filter((file) => !driven.has(file) && !told.includes(file))).toEqual([])
    // Nobody is excused who reads nothing.
    expect(
      Object.values(plainReaders)
        .flat()
        .filter((file) => !reading.includes(file)),
    ).toEqual([])
  })

  it('has a name of its own', () => {
    const names = parsers.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('reads JSON through parseJson, or it is said why not', () => {
    const plain = sources.filter((file) => /JSON\.parse\(/.test(textOf(file)))
    expect(plain.sort()).toEqual(Object.keys(plainJson).sort())
  })
})
