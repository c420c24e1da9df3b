/** Switching power of a cluster, W: C V^2 f for each busy core. `activity` is how much the workload switches beside the one that C was measured with. */
export function dynamicPowerW(capacitanceF: number, voltageV: number, freqHz: number, busyCores: number, activity: number): number {
  return capacitanceF * voltageV * voltageV * freqHz * busyCores * activity
}

/** Temperature at which a leakage coefficient is stated, degC. */
export const leakageRefTempC = 25

/** Leakage of a cluster that is switched on, W: `coefficientW` at 1 V and 25 C, proportional to the voltage, growing by `perK` in the exponent. */
export function leakagePowerW(coefficientW: number, perK: number, voltageV: number, tempC: number): number {
  return coefficientW * voltageV * Math.exp(perK * (tempC - leakageRefTempC))
}
