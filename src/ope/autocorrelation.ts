/**
 * Integrated autocorrelation time of a series, in its own steps: 1 + 2 sum of autocorrelations, ended before the first pair of neighbouring
 * lags whose sum is not above 0 (after Geyer, "Practical Markov chain Monte Carlo", Statistical Science 1992). At least 1; 1 for a series that does not vary. A mean over n steps is worth n / time independent ones.
 */
export function autocorrelationTime(series: ArrayLike<number>): number {
  const n = series.length
  let mean = 0
  for (let i = 0; i < n; i++) mean += (series[i] as number) / n
  const covariance = (lag: number): number => {
    let sum = 0
    for (let i = lag; i < n; i++) sum += ((series[i] as number) - mean) * ((series[i - lag] as number) - mean)
    return sum / n
  }
  const variance = covariance(0)
  // What the rounding of the mean leaves is no variance.
  if (!(variance > (1e-12 * mean) ** 2)) return 1
  let time = 1
  // Lags beyond a third of the series are estimated from too few pairs.
  for (let lag = 1; lag + 1 < n / 3; lag += 2) {
    const pair = (covariance(lag) + covariance(lag + 1)) / variance
    if (pair <= 0) break
    time += 2 * pair
  }
  return time
}
