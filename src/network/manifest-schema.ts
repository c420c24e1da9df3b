import * as v from 'valibot'

export const manifestSchemaName = 'flyball-network/1'

/** Units to run are told by the bits of a number. */
export const mostUnits = 31

const wholePositive = (what: string) =>
  v.pipe(
    v.number(),
    v.check((x) => Number.isInteger(x) && x > 0, `expected ${what}, a whole number above 0`),
  )
const whole = (what: string) =>
  v.pipe(
    v.number(),
    v.check((x) => Number.isInteger(x) && x >= 0, `expected ${what}, a whole number of at least 0`),
  )
const text = v.pipe(v.string(), v.nonEmpty('expected a text that is not empty'))
const ratio = v.pipe(
  v.number(),
  v.check((x) => x >= 0 && x <= 1, 'expected a number from 0 to 1'),
)
const positive = v.pipe(
  v.number(),
  v.check((x) => x > 0, 'expected a number above 0'),
)

/** A file name, or a path below the manifest's folder: a manifest never reaches out of its folder. */
const localFile = v.pipe(
  text,
  v.check((file) => !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)|\0/.test(file), 'expected a file inside the folder of the manifest'),
)

const shape = v.pipe(v.array(wholePositive('a size')), v.nonEmpty('expected a shape'))
const dtype = v.picklist(['float32', 'uint8'])
/** Order of a shape: batch, channels, height, width; or batch, height, width, channels. */
const layout = v.picklist(['NCHW', 'NHWC'])
const scores = v.picklist(['logits', 'probabilities'])
const finite = v.pipe(v.number(), v.finite())

const unitSchema = v.object({
  file: localFile,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')),
  sizeB: wholePositive('bytes'),
  /** Multiply-accumulates of one inference; may be unknown of a variant. */
  macs: v.optional(wholePositive('multiply-accumulates')),
  parameters: whole('a count'),
  /** Where a variant's input is not that of the others. */
  input: v.optional(v.object({ name: v.optional(text), shape: v.optional(shape), dtype: v.optional(dtype), layout: v.optional(layout) })),
  /** Where a variant's outputs are not those of the others; of class scores one. */
  outputs: v.optional(v.pipe(v.array(v.object({ name: text, shape })), v.nonEmpty('expected at least one output'))),
  scores: v.optional(scores),
})

const subnetSchema = v.object({
  name: text,
  /** Indices of the units that run, in order: of increments the first so many, of variants one. */
  units: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.nonEmpty('expected at least one unit')),
  macs: v.optional(wholePositive('multiply-accumulates')),
  parameters: whole('a count'),
  /** Median of one inference in one thread of the machine that added the network, s: what orders sub-networks whose `macs` are unknown. */
  latencyS: v.optional(positive),
  /**
   * `top1`: share of `images` whose likeliest class is the label. 'estimated': given by whoever added the network, 0 images; of a network without class scores it is any
   * figure of merit from 0 to 1, as mAP.
   */
  accuracy: v.object({ top1: ratio, images: whole('a count'), quality: v.picklist(['measured', 'estimated']) }),
  /** The logits are divided by it before the softmax that gives the confidence; 1 is uncalibrated. */
  temperature: positive,
  /** Expected calibration error on `images` images, others than the `fittedOn` images that the temperature was fitted on. */
  calibration: v.optional(v.object({ ece: ratio, images: wholePositive('a count'), fittedOn: wholePositive('a count') })),
})

export const manifestSchema = v.object({
  schema: v.literal(manifestSchemaName),
  name: text,
  /** `increments`: units share the work and their logits add up. `variants`: each unit is a network of its own. */
  kind: v.picklist(['increments', 'variants']),
  /** Of weights and activations between input and logits, which are float32 always; float32 where nothing is said. */
  precision: v.optional(v.picklist(['float32', 'int8'])),
  input: v.object({
    name: text,
    /** Of one image, batch 1, in the order of `layout`. */
    shape,
    dtype,
    /** Default NCHW. */
    layout: v.optional(layout),
    /**
     * How an image takes the input's height and width: `stretch` (default), `cover`: its middle, cut to the input's proportions, or `contain`: all of it, in its own
     * proportions, with bars of level 114 beside it.
     */
    resize: v.optional(v.picklist(['stretch', 'cover', 'contain'])),
    /** Order of the channels. Default rgb. */
    channels: v.optional(v.picklist(['rgb', 'bgr'])),
    /** Factor of a byte before the normalisation. Default 1/255. */
    scale: v.optional(positive),
    /** A scaled pixel enters as (pixel - mean) / std of its channel, the channels in the network's own order. Bytes enter a uint8 input as they are. */
    normalisation: v.optional(v.object({ mean: v.array(finite), std: v.array(positive) })),
  }),
  output: v.object({
    name: text,
    /** 0: the outputs are no class scores; then `units` give their names and shapes, and there are no labels and no confidence. */
    classes: whole('a count'),
    labels: v.array(text),
    /** Default logits. */
    scores: v.optional(scores),
  }),
  units: v.pipe(v.array(unitSchema), v.nonEmpty('expected at least one unit'), v.maxLength(mostUnits, `expected at most ${mostUnits} units`)),
  /** In order of cost. */
  subnets: v.pipe(v.array(subnetSchema), v.nonEmpty('expected at least one sub-network')),
  training: v.optional(
    v.object({
      ...{ dataset: text, command: text, seed: v.number(), backend: text, epochs: wholePositive('a count'), date: text },
      /** The last training images, which were not learned. */
      heldOut: v.optional(wholePositive('a count')),
    }),
  ),
})

export type NetworkManifest = v.InferOutput<typeof manifestSchema>
