/** Switching power of a cluster, W: C V^2 f for each busy core. `activity` is how much the workload switches beside the one that C was measured with. */
export function dynamicPowerW(capacitanceF: number, voltageV: number, freqHz: number, busyCores: number, activity: number): number {
  return capacitanceF * voltageV * voltageV * freqHz * busyCores * activity
}

/** Where a leakage coefficient is stated, degC and V. */
export const leakageRefTempC = 25
const leakageRefVoltageV = 1

/**
 * Leakage of a cluster that is switched on, W: `coefficientW` at 1 V and 25 C, proportional to the voltage, growing exponentially by `perK` with the temperature
 * and by `perV` with the voltage (which lowers the transistors' barrier).
 */
export function leakagePowerW(coefficientW: number, perK: number, voltageV: number, tempC: number, perV = 0): number {
  return coefficientW * voltageV * Math.exp(perK * (tempC - leakageRefTempC) + perV * (voltageV - leakageRefVoltageV))
}
