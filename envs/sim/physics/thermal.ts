/** Two heat reservoirs in a row: the die, and what it is mounted on, which gives its heat to the room. */
export interface ThermalParameters {
  readonly dieJPerK: number
  /** From die to case. */
  readonly dieKPerW: number
  readonly caseJPerK: number
  /** From case to ambient. */
  readonly caseKPerW: number
}

/** Temperatures of the two, degC. Reused. */
export interface ThermalState {
  dieTempC: number
  caseTempC: number
}

export interface ThermalNetwork {
  /** Lets `powerW` flow into the die for `timeS`: exact for constant power and ambient. No allocation. */
  advance(state: ThermalState, powerW: number, ambientTempC: number, timeS: number): void
  /** Where `powerW` for ever leads to. */
  settle(state: ThermalState, powerW: number, ambientTempC: number): void
  /** Of the two modes, s, the longer first. */
  readonly timeConstantsS: readonly [number, number]
}

/**
 * The exact solution of
 *
 *     Cd Td' = P - (Td - Tc) / Rd,    Cc Tc' = (Td - Tc) / Rd - (Tc - Ta) / Rc
 *
 * by its two modes, so that a step may be as long as it likes.
 */
export function makeThermalNetwork({ dieJPerK, dieKPerW, caseJPerK, caseKPerW }: ThermalParameters): ThermalNetwork {
  const a = 1 / (dieKPerW * dieJPerK)
  const b = 1 / (dieKPerW * caseJPerK)
  const c = 1 / (caseKPerW * caseJPerK)
  // Deviations from the settled state follow x' = -M x with M = [[a, -a], [-b, b + c]].
  const half = (a + b + c) / 2
  const root = Math.sqrt(half * half - a * c)
  const slow = (a * c) / (half + root)
  const fast = half + root
  // Right eigenvectors (1, 1 - lambda / a).
  const slowRatio = 1 - slow / a
  const fastRatio = 1 - fast / a
  return {
    timeConstantsS: [1 / slow, 1 / fast],
    settle(state, powerW, ambientTempC) {
      state.caseTempC = ambientTempC + powerW * caseKPerW
      state.dieTempC = state.caseTempC + powerW * dieKPerW
    },
    advance(state, powerW, ambientTempC, timeS) {
      const caseEndC = ambientTempC + powerW * caseKPerW
      const dieEndC = caseEndC + powerW * dieKPerW
      const die = state.dieTempC - dieEndC
      const shell = state.caseTempC - caseEndC
      const u = (shell - fastRatio * die) / (slowRatio - fastRatio)
      const slowPart = u * Math.exp(-slow * timeS)
      const fastPart = (die - u) * Math.exp(-fast * timeS)
      state.dieTempC = dieEndC + slowPart + fastPart
      state.caseTempC = caseEndC + slowRatio * slowPart + fastRatio * fastPart
    },
  }
}
