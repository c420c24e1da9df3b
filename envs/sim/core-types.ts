import type { ThermalParameters } from './physics/thermal.ts'

/** What is known of inference on a core type; `from` as in constants.ts. */
export interface CoreTypeFacts {
  readonly macsPerCycle: number
  readonly from: string
}

/** Speed with the 45 M MACs assumed for the DATE 2020 network and 90 % of it in parallel; a type that is absent follows from its capacity beside the fastest. */
export const coreTypes: Readonly<Record<string, CoreTypeFacts>> = {
  'arm,cortex-a57': { macsPerCycle: 0.219, from: 'DATE 2020 table I as recalled: 46.9 ms on four cores at 1.43 GHz' },
  'arm,cortex-a72': { macsPerCycle: 0.25, from: 'assumed: somewhat above an A57' },
  'arm,cortex-a73': { macsPerCycle: 0.25, from: 'assumed: as an A72' },
  'arm,cortex-a76': { macsPerCycle: 0.44, from: 'assumed: 1.75 times an A72, as HPL per core and cycle (3.15 beside 1.65 to 1.9)' },
}

/** Fitted figures of one cluster of one board. */
export interface ClusterFit {
  readonly macsPerCycle: number
  /** Switched capacitance of inference beside the catalogue's `capacitanceF`. */
  readonly activity: number
  /** At 1 V and 25 C. */
  readonly leakageW: number
  readonly railBaseW: number
}

export interface BoardFit {
  readonly from: string
  readonly clusters: Readonly<Record<string, ClusterFit>>
  readonly thermal?: { readonly parameters: ThermalParameters; readonly from: string }
}

export const boardFits: Readonly<Record<string, BoardFit>> = {
  'odroid-xu4': {
    from: 'fitted to the DATE 2020 table I cells of the Odroid XU3, as recalled; half of what is left beside switching assumed to be leakage at 45 C',
    clusters: {
      a15: { macsPerCycle: 0.0695, activity: 0.73, leakageW: 0.061, railBaseW: 0.1 },
      a7: { macsPerCycle: 0.0402, activity: 0.496, leakageW: 0.015, railBaseW: 0.025 },
    },
  },
}
