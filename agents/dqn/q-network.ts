import type { Rng } from '../../src/core/rng.ts'
import type { Parameter } from '../../src/network/training/parameters.ts'
import type { ActionFeatures } from './action-features.ts'

/** Two towers that meet in an inner product, in the order in which `parameters` holds them. */
export interface QShape {
  readonly inputs: number
  readonly features: number
  readonly actions: number
  /** Units of the hidden layer of either tower. */
  readonly hidden: number
  /** Entries of either embedding. */
  readonly width: number
}

/**
 * Weights before they are trained: normal with variance 2 / fan-in (He et al., "Delving deep into rectifiers", 2015), the last layer of the action tower and the
 * actions' own terms at 0, so that the network starts by adding nothing to the prior.
 */
export function makeQParameters({ inputs, features, actions, hidden, width }: QShape, rng: Rng): Parameter[] {
  const matrix = (name: string, rows: number, columns: number, deviation: number): Parameter => ({
    name,
    shape: [rows, columns],
    values: Float32Array.from({ length: rows * columns }, () => deviation * rng.normal()),
  })
  return [
    matrix('state.hidden', inputs, hidden, Math.sqrt(2 / inputs)),
    matrix('state.embedding', hidden, width, Math.sqrt(2 / hidden)),
    matrix('action.hidden', features, hidden, Math.sqrt(2 / features)),
    matrix('action.embedding', hidden, width, 0),
    matrix('action.own', actions, 1, 0),
  ]
}

/**
 * Q(s, a) = h(s) . g(a) + own(a), with h(s) = relu(relu(x S1) S2) of the monitors, g(a) = relu(f A1) A2 of the action's features: an inner product of embeddings (He, Chen, He,
 * Gao, Li, Deng, Ostendorf, "Deep reinforcement learning with a natural language action space", ACL 2016), so that what one action taught counts for its
 * neighbours, and a term of its own for what features cannot tell. Inputs and features end with a constant 1, which makes the bias of the hidden layer. As g(a) does not depend on
 * the state, it is worked out once for all actions: deciding is then a plain network with one output per action.
 */
export interface QNetwork {
  readonly shape: QShape
  readonly parameters: readonly Parameter[]
  /** The folded last layer, `last[k * actions + a]`. */
  readonly last: Float32Array
  /** Works out the last layer anew; due whenever the parameters have changed. */
  fold(): void
  /** Values of all actions in the state at `x[at …]`. */
  values(x: Float32Array, at: number, out: Float64Array): void
  /** Value of one action in that state. */
  valueOf(x: Float32Array, at: number, action: number): number
}

export function makeQNetwork(shape: QShape, { rows: features }: ActionFeatures, parameters: readonly Parameter[]): QNetwork {
  const { inputs, actions, hidden, width } = shape
  const [s1, s2, a1, a2, own] = parameters.map(({ values }) => values) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array]
  const last = new Float32Array(width * actions)
  const input = new Float64Array(Math.max(inputs, shape.features))
  const layer = new Float64Array(hidden)
  const embedding = new Float64Array(width)
  const active = new Int32Array(width)

  const tower = (x: Float32Array, at: number, size: number, first: Float32Array, second: Float32Array): void => {
    for (let i = 0; i < size; i++) input[i] = x[at + i] as number
    multiply(input, size, first, layer)
    rectify(layer)
    multiply(layer, hidden, second, embedding)
  }
  const embed = (x: Float32Array, at: number): void => {
    tower(x, at, inputs, s1, s2)
    rectify(embedding)
  }

  return {
    shape,
    parameters,
    last,
    fold() {
      for (let a = 0; a < actions; a++) {
        tower(features, a * shape.features, shape.features, a1, a2)
        for (let k = 0; k < width; k++) last[k * actions + a] = embedding[k] as number
      }
    },
    values(x, at, out) {
      embed(x, at)
      let count = 0
      for (let k = 0; k < width; k++) if (embedding[k] !== 0) active[count++] = k
      for (let a = 0; a < actions; a++) out[a] = own[a] as number
      let i = 0
      for (; i + 3 < count; i += 4) addFour(embedding, active, i, last, out)
      for (; i < count; i++) addOne(embedding, active[i] as number, last, out)
    },
    valueOf(x, at, action) {
      embed(x, at)
      let sum = own[action] as number
      for (let k = 0; k < width; k++) sum += (embedding[k] as number) * (last[k * actions + action] as number)
      return sum
    },
  }
}

/** out = x M for the first n of x, M having n rows; rows that meet a 0, which half of them do behind a ReLU, are skipped. */
function multiply(x: Float64Array, n: number, matrix: Float32Array, out: Float64Array): void {
  const columns = out.length
  out.fill(0)
  for (let i = 0; i < n; i++) {
    const value = x[i] as number
    if (value === 0) continue
    const row = i * columns
    for (let j = 0; j < columns; j++) out[j] = (out[j] as number) + value * (matrix[row + j] as number)
  }
}

/** out += the rows of M for four entries of x, from the i-th active one: four at once spare three of four loads and stores of out. */
function addFour(x: Float64Array, active: Int32Array, i: number, matrix: Float32Array, out: Float64Array): void {
  const [k0, k1, k2, k3] = [active[i] as number, active[i + 1] as number, active[i + 2] as number, active[i + 3] as number]
  const [x0, x1, x2, x3] = [x[k0] as number, x[k1] as number, x[k2] as number, x[k3] as number]
  const n = out.length
  const [r0, r1, r2, r3] = [k0 * n, k1 * n, k2 * n, k3 * n]
  for (let a = 0; a < n; a++)
    out[a] =
      (out[a] as number) +
      x0 * (matrix[r0 + a] as number) +
      x1 * (matrix[r1 + a] as number) +
      x2 * (matrix[r2 + a] as number) +
      x3 * (matrix[r3 + a] as number)
}

function addOne(x: Float64Array, k: number, matrix: Float32Array, out: Float64Array): void {
  const [value, row] = [x[k] as number, k * out.length]
  for (let a = 0; a < out.length; a++) out[a] = (out[a] as number) + value * (matrix[row + a] as number)
}

function rectify(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) if ((values[i] as number) < 0) values[i] = 0
}
