/** A number of the simulator that no board file gives: where it comes from, or the word "assumed" and why. */
export interface Constant {
  readonly value: number
  readonly from: string
}

const constant = (value: number, from: string): Constant => ({ value, from })

/** Constants of every simulated board; those of one core type or board are in core-types.ts. */
export const constants = {
  /** Share of an inference that runs on all cores, the rest on one (Amdahl). */
  parallelShare: constant(0.9, 'assumed: convolutions split well, the layers between them do not'),
  /** Cycles of every inference that no arithmetic accounts for. */
  overheadCycles: constant(3e5, 'assumed: preparing the input, starting and joining threads'),
  /** MACs in a cycle of one core whose type is in no table, where it is the fastest of its board. */
  macsPerCycle: constant(0.2, 'assumed: a Cortex-A57 running the network of the DATE 2020 paper (as recalled) does 0.21'),
  /** Share of the rated bandwidth of a memory that one cluster can use. */
  ratedShare: constant(0.3, 'assumed: of boards with both figures known to us, copies reach a fifth to a half'),
  /** How much inference switches beside what the board file's power was found with. */
  activity: constant(0.55, 'assumed: the fits of the DATE 2020 cells (as recalled) give 0.63 on a Cortex-A15 and 0.47 on an A7'),
  /** Beside computing, of a core that waits for memory. */
  stallActivity: constant(0.58, 'catalogue, odroid-xu4, measured: cachekiller beside gzip-1 on the a15 at 1.8 GHz, 0.886 W over 1.518 W'),
  /** Leakage of a cluster at 25 C and top voltage, as a share of its switching power at the top with all cores busy. */
  leakageShare: constant(0.08, 'assumed: an A15 of an Odroid-XU3 is found to leak 0.11 of it'),
  /** Above this the leakage no longer grows: a real chip has shut down. */
  hottestC: constant(125, 'assumed: the usual junction limit of silicon'),
  /** What else the rail of a cluster feeds, as a share of its switching power at the top with all cores busy. */
  railBaseShare: constant(0.04, 'assumed: caches and clocks; the same fits leave 0.05 on an A15 and 0.12 on an A7'),
  /** Leakage and base that stay when a cluster idles. */
  idleShare: constant(0.3, 'assumed: cores are switched off, the cluster is not'),
  /** Everything on a board but the CPU clusters. */
  boardBaseW: constant(1.5, 'assumed: a bare board without display and network'),

  /** Standard deviation of the logarithm of latency on a quiet board, and what full interference adds to it (in quadrature). */
  jitter: constant(0.03, 'assumed: timer ticks, interrupts, cache state'),
  jitterOfInterference: constant(0.15, 'assumed: a fair scheduler hands out slices of milliseconds'),
  /** Share of requests that take `tailFactor` times as long because their threads wait, on a quiet board, and what full interference adds. */
  tailShare: constant(0.004, 'assumed: page faults, daemons'),
  tailOfInterference: constant(0.01, 'assumed: being preempted at the wrong moment'),
  tailFactor: constant(3, 'assumed: several times slower'),

  transitionS: constant(3e-4, 'assumed where the board file gives none: device trees of such boards say 0.04 to 0.5 ms'),
  migrationS: constant(1e-3, 'assumed: threads move to another cluster, whose caches are cold'),
  coresS: constant(1e-4, 'assumed: waking or dismissing threads on the same cluster'),
  subnetS: constant(2e-4, 'assumed: all sub-networks are in memory, but not in the caches'),

  /** Of the temperature sensor; time is that of the heat. */
  tempPeriodS: constant(0.1, 'assumed: the board environment reads no more often'),
  tempNoiseC: constant(0.5, 'assumed: half a step of the reading'),
  /** Of the interference monitors; a reading is one period old. */
  monitorPeriodS: constant(0.1, 'the window of the board environment'),
  interferenceNoise: constant(0.02, 'assumed: two clock ticks of 100 Hz in a window of 100 ms on four cores are 0.05 at most'),
  /** How a faulty sensor jumps: how often, and how far. */
  jumpShare: constant(0.3, 'assumed'),
  jumpC: constant(20, 'assumed'),
  jumpOfInterference: constant(0.5, 'assumed'),

  /** Between two looks of the kernel at a zone above its trip. */
  pollS: constant(0.25, 'assumed where the board file says interrupt or nothing: within the 0.1 to 1 s of device trees that poll'),
  /** Ambient at which full load on all CPU clusters just reaches the first trip that throttles a CPU cluster. */
  roomTempC: constant(25, 'assumed: how makers lay out cooling; nobody has published resistances of these boards'),
  /** Share of what a board draws beside its CPU clusters that heats the case of its chip. */
  restShare: constant(0.5, 'assumed: memory and the rest of the chip do, regulators and connectors hardly'),
  /** Hysteresis of a trip that gives none. */
  hysteresisC: constant(2, 'assumed: the usual value in device trees'),

  /** The kernel's governor lets a cluster with utilisation u run at this times u of its top clock. */
  schedutilMargin: constant(1.25, 'Documentation/scheduler/schedutil.rst'),

  /** The perturbed plant: capacitance, efficiency, thermal resistances and capacities, bandwidth, leakage by a factor of 1 +- this. */
  spread: constant(0.2, 'assumed'),
  /** Each OPP and each number of cores: latency and power by a factor of 1 +- this, without any order. */
  wiggle: constant(0.05, 'assumed: several percent'),
  /** Compute time falls with the clock to the power of -x, x drawn between these. */
  leastExponent: constant(0.85, 'assumed: clocks of caches and buses do not follow'),
  mostExponent: constant(0.97, 'assumed'),
} as const satisfies Record<string, Constant>
