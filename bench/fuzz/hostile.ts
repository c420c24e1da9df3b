import type { Rng } from '../../src/core/rng.ts'

// What attackers, broken disks and kernels write. Raw text: much of it is no JSON.

const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth)

/** In place of a JSON value. */
const values = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '0.5', '2', '1e999', '-1e999', '1e308', '5e-324', '-1e-9', '4294967296', '9007199254740993'],
  ...['123456789012345678901234567890', 'NaN', 'Infinity', '-Infinity', 'undefined', '0x10', '+1', '.5', '01', "'x'", ''],
  ...['""', '"x"', '" "', '"\\u0000"', '"\\ud800"', '"__proto__"', '"constructor"', '"toString"', '"NaN"', '"1"', '"\\u001b[2J"'],
  ...['"../../../../etc/passwd"', '"/etc/passwd"', '"C:\\\\x"', '"..\\\\..\\\\x"', '"a/../../b"', '"/dev/zero"', '"/proc/self/mem"', '"."'],
  ...['[]', '{}', '[[]]', '[null]', '[{}]', '[1e999]', '{"length":1e9}', '{"toString":1}', '{"__proto__":{"polluted":1}}', '{"__proto__":null}'],
  ...['{"constructor":{"prototype":{"polluted":1}}}', deep('[', ']', 30), deep('{"a":', '}', 30), deep('[', ']', 300), deep('[', ']', 20_000)],
  deep('{"a":[', ']}', 10_000).replace(']}', '0]}'),
]

/** Seldom: they take their time. */
const giants = [
  (): string => `"${'x'.repeat(200_000)}"`,
  (): string => `[${'0,'.repeat(50_000)}0]`,
  (): string => `${'9'.repeat(20_000)}`,
  (): string => `[${'{},'.repeat(20_000)}{}]`,
  (): string => `[${'"a",'.repeat(20_000)}"b"]`,
]

export const hostileValue = (rng: Rng): string =>
  rng.int(500) === 0 ? (giants[rng.int(giants.length)] as () => string)() : (values[rng.int(values.length)] as string)

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '', 'schema', '\\u0000', 'a=b', 'NaN', '0']

export const hostileName = (rng: Rng): string => names[rng.int(names.length)] as string

/** Anywhere in a text: of kernels, of CSV, of JSON. */
const words = [
  ...[
    '0',
    '-1',
    '1',
    '00',
    '-0',
    '4294967295',
    '-274000',
    '18446744073709551615',
    '99999999999999999999999',
    '1e999',
    'NaN',
    'nan',
    'inf',
    'Infinity',
  ],
  ...[
    '<unsupported>',
    '(null)',
    'N/A',
    'max',
    'max 100000',
    '0-8191',
    '0-4294967295',
    '3-1',
    '1-',
    '-',
    ',',
    ',,',
    '0-',
    '0-3,5',
    '%',
    ':',
    '::',
    '=',
  ],
  ...[
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\0\0\0\0',
    '\ufeff',
    '\u2028',
    'é',
    '𝟙',
    '"',
    '"\n',
    "'",
    '\\',
    '(',
    ')',
    ') Z ',
    ')) (',
    '()',
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    'total=',
    'some ',
    'cpu',
    'cpu0',
    'cpu99999999',
    '0::/',
    '/..',
    '../',
    '../../etc/passwd',
    '__proto__',
    'constructor',
    '1'.repeat(400),
    '-'.repeat(40),
  ],
  ...['position,action', 'action', 'q0', 'latencyS', '\x1b[2J', 'Infinity-Infinity', '0x7f', '1_000', '1,5', '١'],
]

export const hostileWord = (rng: Rng): string => words[rng.int(words.length)] as string
