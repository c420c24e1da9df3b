/** Answers of one confidence bin. */
export interface ReliabilityBin {
  /** Confidences above `low` up to `high`. */
  readonly low: number
  readonly high: number
  readonly images: number
  /** Mean confidence and share of right answers; null for an empty bin. */
  readonly confidence: number | null
  readonly accuracy: number | null
}

const binCount = 15

/** Share of the answers that are right. */
export function top1Of(labels: ArrayLike<number>, truth: ArrayLike<number>): number {
  let hits = 0
  for (let i = 0; i < labels.length; i++) if (labels[i] === truth[i]) hits++
  return hits / labels.length
}

/** Images by [label][answer]. */
export function confusionOf(labels: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < labels.length; i++) {
    const row = counts[truth[i] as number] as number[]
    row[labels[i] as number] = (row[labels[i] as number] as number) + 1
  }
  return counts
}

/**
 * Confidence against accuracy in 15 bins of equal width, and the expected calibration error: the mean over the images of the distance between the two in
 * their bin (Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017).
 */
export function reliabilityOf(
  labels: ArrayLike<number>,
  confidences: ArrayLike<number>,
  truth: ArrayLike<number>,
): { ece: number; reliability: ReliabilityBin[] } {
  const images = new Float64Array(binCount)
  const confidence = new Float64Array(binCount)
  const hits = new Float64Array(binCount)
  for (let i = 0; i < labels.length; i++) {
    const sure = confidences[i] as number
    // Bins are open below, as in the paper.
    const bin = Math.max(0, Math.ceil(sure * binCount) - 1)
    images[bin] = (images[bin] as number) + 1
    confidence[bin] = (confidence[bin] as number) + sure
    hits[bin] = (hits[bin] as number) + (labels[i] === truth[i] ? 1 : 0)
  }
  const ece = confidence.reduce((sum, mass, bin) => sum + Math.abs(mass - (hits[bin] as number)), 0) / labels.length
  const reliability = Array.from(images, (n, bin) => ({
    low: bin / binCount,
    high: (bin + 1) / binCount,
    images: n,
    confidence: n === 0 ? null : (confidence[bin] as number) / n,
    accuracy: n === 0 ? null : (hits[bin] as number) / n,
  }))
  return { ece, reliability }
}
