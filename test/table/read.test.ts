import { describe, expect, it } from 'vitest'
import { errorOf } from '../support/error-of.ts'
import { bareTable, parseSmall, smallCsv, smallHalf, smallRows } from '../support/tables.ts'

/** The small table with one cell of line `line` changed. */
function withCell(line: number, column: number, cell: string): string {
  const rows = smallRows.map((row) => row.split(','))
  const row = rows[line - 1] as string[]
  row[column] = cell
  return rows.map((cells) => cells.join(',')).join('\n')
}

const messageOf = (csv: string, half: object = smallHalf): string => {
  const { code, exitCode, message } = errorOf(() => parseSmall(half, csv))
  expect([code, exitCode]).toEqual(['ERR_TABLE', 3])
  return message
}

describe('a measured table', () => {
  it('says what its knobs are by their names', () => {
    const { knobs, points, latencyS, energyJ, accuracy, clusters, quality } = parseSmall()
    expect(knobs).toEqual([
      // By accuracy, not as the file lists them.
      { name: 'subnet', kind: 'subnet', values: ['small', 'large'] },
      { name: 'cluster', kind: 'cluster', values: ['little', 'big'] },
      { name: 'freqHz', kind: 'frequency', unit: 'Hz', values: [600e6, 1200e6, 1800e6] },
    ])
    expect(points[3]).toEqual({ subnet: 'small', cluster: 'big', freqHz: 1800e6 })
    expect([latencyS[3], energyJ[3], accuracy[3]]).toEqual([0.01, 0.06, 0.6])
    expect(clusters).toEqual([
      { id: 'little', cores: 1 },
      { id: 'big', cores: 1 },
    ])
    expect(quality).toEqual({ latencyS: 'measured', energyJ: 'measured', accuracy: 'estimated' })
  })

  it('may know latencies alone', () => {
    const { knobs, energyJ, accuracy, clusters, quality, name } = bareTable()
    expect(knobs).toEqual([
      { name: 'cores', kind: 'cores', values: [2, 4] },
      { name: 'gpuFreqHz', kind: 'frequency', unit: 'Hz', domain: 'gpu', values: [400e6, 800e6] },
    ])
    expect(energyJ).toEqual(new Float64Array(4).fill(Number.NaN))
    expect(accuracy).toEqual(new Float64Array(4).fill(Number.NaN))
    expect(quality).toEqual({ latencyS: 'measured', energyJ: 'absent', accuracy: 'absent' })
    expect(clusters).toEqual([{ id: 'board', cores: 4 }])
    expect(name).toBe('small')
  })

  it('makes energy of power and latency where only these are there', () => {
    const half = { ...smallHalf, outcomes: ['latencyS', 'powerW'] }
    expect(parseSmall(half).energyJ[3]).toBeCloseTo(0.06, 12)
  })

  it('takes what a knob states as it stands, and what the table says of itself', () => {
    const { knobs, clusters, quality, energyScope } = parseSmall({
      ...smallHalf,
      knobs: [{ name: 'subnet', kind: 'subnet', values: ['large', 'small'] }, smallHalf.knobs[1], { ...smallHalf.knobs[2], domain: 'cpu' }],
      clusters: [{ id: 'big', cores: 2 }],
      quality: { energyJ: 'estimated', accuracy: 'measured' },
      energyScope: 'rail',
    })
    expect(knobs[0]?.values).toEqual(['large', 'small'])
    expect(knobs[2]).toMatchObject({ kind: 'frequency', unit: 'Hz', domain: 'cpu' })
    expect(clusters).toEqual([
      { id: 'little', cores: 1 },
      { id: 'big', cores: 2 },
    ])
    expect(quality).toEqual({ latencyS: 'measured', energyJ: 'estimated', accuracy: 'measured' })
    expect(energyScope).toBe('rail')
  })

  it('orders sub-networks of unknown accuracy by their least latency', () => {
    const half = { ...smallHalf, outcomes: ['latencyS'] }
    expect(parseSmall(half).knobs[0]?.values).toEqual(['small', 'large'])
  })

  it('reads what spreadsheets write: a byte order mark, CRLF, blanks, quotes, 1.0 for 1, other columns', () => {
    const csv = `\ufeff${smallCsv.replaceAll('small,', '"small" ,').replaceAll('600000000', '6e8').replaceAll('\n', '\r\n')}\r\n`
    expect(parseSmall(smallHalf, csv)).toEqual(parseSmall())
    const more = smallRows.map((row, i) => `${row},${i === 0 ? 'comment' : 'warm'}`).join('\n')
    expect(parseSmall(smallHalf, more).notes).toEqual(['columns neither knob nor outcome are not read: comment'])
  })

  it('does not mind an outcome or a field that it does not know', () => {
    const half = { ...smallHalf, outcomes: [...smallHalf.outcomes, 'peakMemoryB'], room: 'cold' }
    expect(parseSmall(half).points).toHaveLength(8)
  })

  it('notes an energy that is not power times latency', () => {
    const csv = smallRows.map((row, i) =>
      i === 0 ? row : row.replace(/,([\d.]+),([\d.]+)$/, (_, energy, power) => `,${Number(energy) / 4},${power}`),
    )
    const [note] = parseSmall(smallHalf, csv.join('\n')).notes
    expect(note).toBe(
      'energyJ differs from powerW x latencyS by more than 5 % in 8 of 8 rows (median ratio 0.25, 0.25 on line 2): is one of them of a batch? energyJ is used',
    )
  })
})

describe('an odd latency', () => {
  const latencies = { ...smallHalf, outcomes: ['latencyS'] }
  it('is noted where it is far above all others', () => {
    expect(parseSmall(latencies, withCell(2, 4, '60')).notes).toContain(
      'latencyS on line 2 is 60 s, 250 times the next smaller one (line 6): is it in ms?',
    )
  })

  it('is noted where the energies are too little for it', () => {
    const csv = smallRows.map((row, i) => (i === 0 ? row : row.replace(/,(0\.\d+),([\d.]+),([\d.]+)$/, ',5,$2,$3'))).join('\n')
    expect(parseSmall({ ...smallHalf, outcomes: ['latencyS', 'energyJ'] }, csv).notes).toContain(
      'energyJ / latencyS is at most 48 mW in all rows: is latencyS in ms, or energyJ in kJ?',
    )
  })

  it('is believed where the table says that it is in seconds', () => {
    const csv = smallRows.map((row, i) => (i === 0 ? row : row.replace(/,0\.\d+,([\d.]+),([\d.]+)$/, ',40,$1,$2'))).join('\n')
    expect(messageOf(csv, latencies)).toContain('where it really is in seconds, say so in the JSON: "units": { "latencyS": "s" }')
    expect(parseSmall({ ...latencies, units: { latencyS: 's' } }, csv).latencyS[0]).toBe(40)
  })
})

describe('a wrong row', () => {
  it.each([
    [4, 'abc', "'abc' is no number"],
    [4, 'NaN', "'NaN' is no number"],
    [4, 'Infinity', "'Infinity' is no number"],
    [4, '0x10', "'0x10' is no number"],
    [4, '', 'is empty, expected a number'],
    [4, '0', '0 is not above 0, expected s'],
    [4, '-0.01', '-0.01 is not above 0, expected s'],
  ])('is named by line, operating point and column: %s %s', (column, cell, problem) => {
    expect(messageOf(withCell(5, column, cell))).toBe(`small.csv: line 5 (subnet=small cluster=big freqHz=1800MHz), column latencyS: ${problem}`)
  })

  it('in any outcome', () => {
    expect(messageOf(withCell(3, 5, '-1'))).toContain('line 3 (subnet=small cluster=little freqHz=1200MHz), column energyJ: -1 is not above 0')
    expect(messageOf(withCell(3, 6, '0'))).toContain('column powerW: 0 is not above 0, expected W')
    expect(messageOf(withCell(3, 3, '60'))).toContain('column accuracy: 60 is no ratio from 0 to 1; this looks like %')
  })

  it('has a value that the knob does not have, perhaps in another unit', () => {
    expect(messageOf(withCell(4, 1, 'huge'))).toBe("small.csv: line 4, column cluster: 'huge' is none of the knob's values little, big")
    expect(messageOf(withCell(4, 2, '600000'))).toContain(
      "column freqHz: '600000' is none of the knob's values 600000000, 1200000000, 1800000000; this looks like kHz",
    )
    expect(messageOf(withCell(4, 2, '600'))).toContain('this looks like MHz')
    expect(messageOf(withCell(4, 2, ''))).toContain('line 4, column freqHz: is empty, expected one of 600000000')
  })

  it('stands twice', () => {
    expect(messageOf(withCell(6, 0, 'small'))).toBe(
      'small.csv: lines 2 and 6 hold the same operating point (subnet=small cluster=little freqHz=600MHz), expected one row for each',
    )
  })

  it('has too many or too few cells', () => {
    expect(messageOf(withCell(6, 6, '1,2'))).toBe('small.csv: line 6 has 8 cells, expected 7 as in the header')
    expect(messageOf(smallCsv.replace(',0.06,1\n', ',0.06\n'))).toBe('small.csv: line 2 has 6 cells, expected 7 as in the header')
  })

  it('is in another unit than all others', () => {
    expect(messageOf(withCell(5, 5, '60'))).toContain(
      'line 5 (subnet=small cluster=big freqHz=1800MHz), column energyJ: energyJ is 1000 times powerW x latencyS; this looks like mJ',
    )
    expect(messageOf(withCell(5, 4, '10'))).toContain('column latencyS: energyJ is 0.001 times powerW x latencyS; this looks like ms')
    expect(messageOf(withCell(5, 6, '6000'))).toContain('column powerW: 6000 W is more than a board draws')
  })
})

describe('wrong columns', () => {
  it('are named, with what is there', () => {
    expect(messageOf(smallCsv.replace('latencyS', 'latency'))).toBe(
      'small.csv: line 1: column latencyS is missing (there is latency), found subnet, cluster, freqHz, accuracy, latency, energyJ, powerW',
    )
    expect(messageOf(smallCsv.replace('cluster,', 'place,'))).toContain('line 1: column cluster is missing, found subnet, place')
    expect(messageOf(smallCsv.replace('accuracy', 'energyJ'))).toBe('small.csv: line 1: column energyJ stands twice')
    expect(messageOf(smallCsv.replaceAll(',', ';'))).toContain('is separated by ; or tabs, expected commas')
  })

  it('may all be in other units', () => {
    const scaled = (column: number, factor: number): string =>
      smallRows.map((row, i) => row.split(',').map((cell, c) => (i > 0 && c === column ? String(Number(cell) * factor) : cell))).join('\n')
    expect(messageOf(scaled(4, 1000))).toContain(
      'column latencyS: energyJ is 0.001 times powerW x latencyS here and in every row; this looks like ms',
    )
    expect(messageOf(scaled(5, 1000))).toContain('column energyJ: energyJ is 1000 times powerW x latencyS here and in every row; this looks like mJ')
    expect(messageOf(scaled(4, 1e4), { ...smallHalf, outcomes: ['latencyS'] })).toContain(
      'column latencyS: the fastest point takes 100 s; this looks like ms',
    )
    // A millionth: what was called ms or mJ before is us and uJ.
    expect(messageOf(scaled(4, 1e6))).toContain('energyJ is 0.000001 times powerW x latencyS here and in every row; this looks like us: times 1e-6')
    expect(messageOf(scaled(5, 1e6))).toContain('this looks like uJ: times 1e-6')
    expect(messageOf(scaled(6, 1e6))).toContain('W is more than a board draws, expected up to 3000; this looks like uW: times 1e-6')
    expect(messageOf(scaled(4, 1e7), { ...smallHalf, outcomes: ['latencyS'] })).toContain('takes 100000 s; this looks like us: times 1e-6')
    expect(messageOf(scaled(5, 1e5), { ...smallHalf, outcomes: ['latencyS', 'energyJ'] })).toContain('column energyJ: 6000 J in 0.06 s is 100000 W')
  })
})
