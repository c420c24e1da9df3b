import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Backend } from './backend.ts'

// Coefficients of the quintic iteration and its number of steps: Jordan et al., "Muon", 2024. They trade exactness for speed: singular values end
// between about 0.7 and 1.2 instead of at 1, which a direction of descent does not mind.
const [a, b, c] = [3.4445, -4.775, 2.0315]
const iterations = 4

/**
 * The matrix [rows, columns] (row by row) with its singular vectors kept and its singular values brought close to 1, by Newton-Schulz iteration
 * x <- a x + (b s + c s s) x with s = x x'. A matrix of zeros stays one.
 */
export function orthogonalised({ tf }: Backend, values: Float32Array, rows: number, columns: number): ArrayLike<number> {
  let norm = 0
  for (const x of values) norm += x * x
  const scale = 1 / (Math.sqrt(norm) + 1e-12)
  return tf.tidy(() => {
    let x: Tensor2D = tf.mul(tf.tensor2d(values, [rows, columns]), scale)
    // The square in the middle is the smaller of the two possible.
    const wide = rows <= columns
    if (!wide) x = tf.transpose(x)
    for (let i = 0; i < iterations; i++) {
      const square = tf.matMul(x, x, false, true)
      x = tf.add(tf.mul(x, a), tf.matMul(tf.add(tf.mul(square, b), tf.mul(tf.matMul(square, square), c)), x))
    }
    return (wide ? x : tf.transpose(x)).dataSync()
  })
}
