/** What is known of inference on a core type; `from` as in constants.ts. */
export interface CoreTypeFacts {
  readonly macsPerCycle: number
  readonly from: string
}

/** Speed with the 45 M MACs assumed for the DATE 2020 network and 90 % of it in parallel; a type that is absent follows from its capacity beside the fastest. */
export const coreTypes: Readonly<Record<string, CoreTypeFacts>> = {
  'arm,cortex-a57': { macsPerCycle: 0.224, from: 'DATE 2020 table I as recalled: 65.4 M cycles on four cores' },
  'arm,cortex-a72': { macsPerCycle: 0.25, from: 'assumed: somewhat above an A57' },
  'arm,cortex-a73': { macsPerCycle: 0.25, from: 'assumed: as an A72' },
  'arm,cortex-a76': { macsPerCycle: 0.44, from: 'assumed: 1.75 times an A72, as HPL per core and cycle (3.15 beside 1.65 to 1.9)' },
}

/** Fitted figures of one cluster of one board. */
export interface ClusterFit {
  readonly macsPerCycle: number
  /** Switched capacitance of inference beside the catalogue's `capacitanceF`. */
  readonly activity: number
  readonly railBaseW: number
  /** At 1 V and 25 C, where physics/constants.ts has none. */
  readonly leakageW?: number
  readonly from: string
}

const cellFit =
  'least squares on the three cells of the cluster in table I of the DATE 2020 paper, as recalled, with its leakage at 44 C, where an idle XU4 stands'

export const clusterFits: Readonly<Record<string, ClusterFit>> = {
  'odroid-xu4/a15': { macsPerCycle: 0.0711, activity: 0.626, railBaseW: 0.137, from: cellFit },
  'odroid-xu4/a7': {
    macsPerCycle: 0.0409,
    activity: 0.466,
    railBaseW: 0.0473,
    leakageW: 0.004,
    from: `${cellFit}; leakage by the catalogue's power per workload: node dist/bench/plant/fit.js`,
  },
}
