import * as v from 'valibot'

export const manifestSchemaName = 'flyball-network/1'

const wholePositive = (what: string) =>
  v.pipe(
    v.number(),
    v.check((x) => Number.isInteger(x) && x > 0, `expected ${what}, a whole number above 0`),
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
  v.check((file) => !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(file), 'expected a file inside the folder of the manifest'),
)

const unitSchema = v.object({
  file: localFile,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')),
  sizeB: wholePositive('bytes'),
  /** Multiply-accumulates of one inference. */
  macs: wholePositive('multiply-accumulates'),
  parameters: wholePositive('a count'),
})

const subnetSchema = v.object({
  name: text,
  /** Indices of the units that run, in order: of increments the first so many, of variants one. */
  units: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.nonEmpty('expected at least one unit')),
  macs: wholePositive('multiply-accumulates'),
  parameters: wholePositive('a count'),
  /** Share of `images` whose likeliest class is the label. */
  accuracy: v.object({ top1: ratio, images: wholePositive('a count'), quality: v.picklist(['measured', 'estimated']) }),
  /** The logits are divided by it before the softmax that gives the confidence; 1 is uncalibrated. */
  temperature: positive,
})

export const manifestSchema = v.object({
  schema: v.literal(manifestSchemaName),
  name: text,
  /** `increments`: units share the work and their logits add up. `variants`: each unit is a network of its own. */
  kind: v.picklist(['increments', 'variants']),
  input: v.object({
    name: text,
    /** Batch, channels, height, width. */
    shape: v.pipe(v.array(wholePositive('a size')), v.nonEmpty('expected a shape')),
    dtype: v.literal('float32'),
    /** A pixel in [0, 1] enters as (pixel - mean) / std of its channel. */
    normalisation: v.optional(v.object({ mean: v.array(ratio), std: v.array(positive) })),
  }),
  output: v.object({ name: text, classes: wholePositive('a count'), labels: v.array(text) }),
  units: v.pipe(v.array(unitSchema), v.nonEmpty('expected at least one unit'), v.maxLength(31, 'expected at most 31 units')),
  /** In order of cost. */
  subnets: v.pipe(v.array(subnetSchema), v.nonEmpty('expected at least one sub-network')),
  training: v.optional(v.object({ dataset: text, command: text, seed: v.number(), backend: text, epochs: wholePositive('a count'), date: text })),
})

export type NetworkManifest = v.InferOutput<typeof manifestSchema>
