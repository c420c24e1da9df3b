import type * as tfjs from '@tensorflow/tfjs-core'

/**
 * Convolution as a matrix product, with its gradient: the WebAssembly backend has no gradient of a convolution.
 * The gradient of the input is a convolution again, by the kernel turned by 180 degrees with input and output channels swapped;
 * images have none (`ofImages`), which saves the largest product.
 */
export function convByMatrixProduct(tf: typeof tfjs, x: tfjs.Tensor4D, kernel: tfjs.Tensor4D, ofImages: boolean): tfjs.Tensor4D {
  const kernelSlope = (dy: tfjs.Tensor, before: tfjs.Tensor4D, shape: tfjs.Tensor4D['shape']): tfjs.Tensor =>
    tf.reshape(tf.matMul(shiftedCopies(tf, before), tf.reshape(dy, [-1, shape[3]]), true, false), shape)
  if (ofImages) {
    const op = tf.customGrad((weights) => ({
      value: multiplyShifted(tf, x, weights as tfjs.Tensor4D),
      gradFunc: (dy: tfjs.Tensor) => kernelSlope(dy, x, kernel.shape),
    }))
    return op(kernel) as tfjs.Tensor4D
  }
  const op = tf.customGrad((input, weights, save) => {
    const image = input as tfjs.Tensor4D
    const filter = weights as tfjs.Tensor4D
    ;(save as (tensors: tfjs.Tensor[]) => void)([image, filter])
    return {
      value: multiplyShifted(tf, image, filter),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [before, by] = saved as [tfjs.Tensor4D, tfjs.Tensor4D]
        const turned = tf.transpose(tf.reverse(by, [0, 1]), [0, 1, 3, 2])
        return [multiplyShifted(tf, dy as tfjs.Tensor4D, turned), kernelSlope(dy, before, by.shape)]
      },
    }
  })
  return op(x, kernel) as tfjs.Tensor4D
}

function multiplyShifted(tf: typeof tfjs, x: tfjs.Tensor4D, kernel: tfjs.Tensor4D): tfjs.Tensor4D {
  const [n, h, w, c] = x.shape
  const out = kernel.shape[3]
  return tf.reshape(tf.matMul(shiftedCopies(tf, x), tf.reshape(kernel, [9 * c, out])), [n, h, w, out])
}

/** The nine shifted copies of the input side by side, as a matrix [n * h * w, 9 * c]. */
function shiftedCopies(tf: typeof tfjs, x: tfjs.Tensor4D): tfjs.Tensor2D {
  const [n, h, w, c] = x.shape
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ])
  const shifted: tfjs.Tensor4D[] = []
  for (let dy = 0; dy < 3; dy++) for (let dx = 0; dx < 3; dx++) shifted.push(tf.slice(padded, [0, dy, dx, 0], [n, h, w, c]))
  return tf.reshape(tf.concat(shifted, 3), [n * h * w, 9 * c])
}

/**
 * Maximum of every 2x2 with a gradient of our own: that of the WebAssembly backend (4.22) gives no slope to a window without a positive value.
 */
export function poolByComparison(tf: typeof tfjs, x: tfjs.Tensor4D): tfjs.Tensor4D {
  const op = tf.customGrad((input, save) => {
    const image = input as tfjs.Tensor4D
    const value = tf.maxPool(image, 2, 2, 'valid')
    ;(save as (tensors: tfjs.Tensor[]) => void)([image, value])
    return {
      value,
      gradFunc: (dy: tfjs.Tensor, [before, largest]: tfjs.Tensor[]) => spreadToLargest(tf, dy, before as tfjs.Tensor, largest as tfjs.Tensor),
    }
  })
  return op(x) as tfjs.Tensor4D
}

/** Hands each slope to the first of the four values that is the largest. */
function spreadToLargest(tf: typeof tfjs, dy: tfjs.Tensor, image: tfjs.Tensor, largest: tfjs.Tensor): tfjs.Tensor {
  const [n, h, w, c] = image.shape as [number, number, number, number]
  const rows = (n * h) / 2
  // Two rows of the image become one of [2, w/2, 2 * c]: the four corners of every window are slices of it.
  const windows = tf.reshape(image, [rows, 2, w / 2, 2 * c])
  const top = tf.reshape(largest, [rows, 1, w / 2, c])
  let slope = tf.reshape(dy, [rows, 1, w / 2, c])
  const corners = [0, 1].map((y) =>
    [0, 1].map((x) => {
      const hit = tf.cast(tf.equal(tf.slice(windows, [0, y, 0, x * c], [rows, 1, w / 2, c]), top), 'float32')
      const own = tf.mul(slope, hit)
      slope = tf.sub(slope, own)
      return own
    }),
  )
  return tf.reshape(
    tf.concat(
      corners.map((pair) => tf.concat(pair, 3)),
      1,
    ),
    [n, h, w, c],
  )
}
