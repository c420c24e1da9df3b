import { join } from 'node:path'
import { FlyballError } from '../core/errors.ts'
import { type CpufreqLimit, type LimitText, limitText, openLimit } from './cpufreq-limit.ts'
import { readNumber, readText, readWords } from './files.ts'
import type { Journal } from './journal.ts'
import { type Access, accessOf } from './kept-file.ts'
import { LimitMemory } from './limit-memory.ts'
import { isThrottled, readThrottle, type Throttle } from './throttle.ts'

/**
 * What became of the limits that were set last. 'unset': nothing of ours is in force. 'capped': heat or firmware holds them down. 'changed': somebody else wrote
 * them. 'broken': they cannot be read, e.g. all CPUs of the policy are offline.
 */
export type Standing = 'unset' | 'kept' | 'capped' | 'changed' | 'broken'

/**
 * Holds one cpufreq policy at an OPP by minimum = maximum, under the governor it has. Sources: Documentation/admin-guide/pm/cpufreq.rst; the order of writes keeps
 * min <= max at every moment.
 */
export interface CpufreqClamp {
  readonly path: string
  /**
   * How the last write was answered. 'denied': no permission, nothing is tried again. 'broken': e.g. all CPUs of the policy are offline; tried again at the
   * next `set`.
   */
  readonly access: Access
  /**
   * Clamps to the nearest OPP; the frequency that the kernel then reports as maximum, Hz, NaN without access. Without a system call when that OPP is set and
   * reported. Right after a write the kernel may report a value up to 22 ms old; it may round to its own table, and cap below for heat: the next `set` of the
   * same OPP, or `readHz`, tells. Limits that read like nobody's of us are not written over: `look` then tells whose they are. Throws ERR_JOURNAL, nothing else.
   */
  set(freqHz: number): number
  /** Puts the original limits back while another cluster works; the next `set` clamps again. Does nothing before the first `set`, and when they are back. */
  release(): void
  /**
   * Journals the limits before anything is written, so that `look` tells of others from now on. Does nothing after the first `set`, nor where the journal takes nothing. Never
   * throws.
   */
  watch(): void
  /** Maximum that holds now, Hz; NaN when it cannot be read. */
  readHz(): number
  /** Reads both limits back; 50 ms after the last write, or a stale value may pass for somebody else's. */
  look(): Standing
  /** What the last `look` read, Hz. */
  readonly foundHz: { readonly min: number; readonly max: number }
  /** What was written last, Hz; NaN: nothing of ours is in force. */
  readonly askedHz: { readonly min: number; readonly max: number }
  /** What holds the clock down since a `look` found it capped; undefined once nothing does. */
  readonly throttle: Throttle | undefined
  /** After 'changed': leaves alone what somebody else wrote, here and when restoring, puts the other limit back, and writes nothing until `retake`. */
  yield(): void
  /** Whether the limits are what they were before the first `set`. */
  isOriginal(): boolean
  /** Ends `yield`. */
  retake(): void
  /** After 'changed': the next `set` or `release` writes over it. */
  insist(): void
  /** Closes the files; the next `set` opens them again. Puts nothing back: that is the journal's. */
  close(): void
}

export interface CpufreqClampOptions {
  readonly policyPath: string
  /** OPPs, Hz, ascending. */
  readonly frequenciesHz: readonly number[]
  readonly journal: Journal
  /** Folder that stands for `/`. */
  readonly root: string
}

class Clamp implements CpufreqClamp {
  readonly path: string
  access: Access = 'ok'
  throttle: Throttle | undefined
  readonly foundHz = { min: Number.NaN, max: Number.NaN }
  readonly askedHz: CpufreqClamp['askedHz']
  readonly #journal: Journal
  readonly #root: string
  readonly #levels: readonly LimitText[]
  readonly #memory: LimitMemory
  /** Throttle count when the limits were opened. */
  #count = 0
  #index = -1
  #heldHz = Number.NaN
  #released = false
  #yielded = false
  #min: CpufreqLimit | undefined
  #max: CpufreqLimit | undefined

  constructor(options: CpufreqClampOptions) {
    this.path = options.policyPath
    this.#journal = options.journal
    this.#root = options.root
    this.#levels = options.frequenciesHz.map(limitText)
    this.#memory = new LimitMemory(this.#levels)
    this.askedHz = this.#memory.askedHz
  }

  set(freqHz: number): number {
    const index = this.#memory.nearest(freqHz)
    if (index === this.#index) return this.#settle()
    if (this.#yielded || this.access === 'denied' || index < 0 || !this.#open()) return Number.NaN
    const level = this.#levels[index] as LimitText
    this.#released = false
    const done = this.#move(level, level)
    this.#index = done ? index : -1
    this.#heldHz = done ? this.readHz() : Number.NaN
    return this.#heldHz
  }

  release(): void {
    if (this.#min === undefined || this.#max === undefined || this.#released || this.#yielded) return
    this.#index = -1
    this.#heldHz = Number.NaN
    this.#released = this.#move(this.#min.original, this.#max.original)
  }

  watch(): void {
    if (this.#min !== undefined || this.#yielded || this.access === 'denied') return
    try {
      if (this.#open()) this.retake()
    } catch (error) {
      // Nothing of ours is in force: a journal that takes nothing any more is said where a clock is moved.
      if (!(error instanceof FlyballError)) throw error
    }
  }

  readHz(): number {
    return this.#max === undefined ? Number.NaN : this.#max.readHz()
  }

  look(): Standing {
    const { foundHz, askedHz } = this
    if (Number.isNaN(askedHz.max)) return 'unset'
    this.#find()
    if (Number.isNaN(foundHz.min) || Number.isNaN(foundHz.max)) return 'broken'
    const kept = this.#memory.agree(foundHz.min, askedHz.min) && this.#memory.agree(foundHz.max, askedHz.max)
    if (kept && this.throttle === undefined) return 'kept'
    const throttle = readThrottle(this.path, this.#root)
    const capped = kept ? throttle.firmwareHz !== undefined || throttle.coolingSteps > 0 : this.#isCapped(throttle)
    this.throttle = capped ? throttle : undefined
    return kept ? 'kept' : capped ? 'capped' : 'changed'
  }

  yield(): void {
    const { foundHz, askedHz } = this
    this.#yielded = true
    this.#index = -1
    // A minimum above the maximum reads as the maximum: it is still ours below, and would come back with the maximum.
    const minOurs = this.#memory.agree(foundHz.min, askedHz.min) || (foundHz.min === foundHz.max && foundHz.min < askedHz.min)
    this.#leave(this.#max, this.#memory.agree(foundHz.max, askedHz.max))
    this.#leave(this.#min, minOurs)
    this.#memory.unask()
  }

  isOriginal(): boolean {
    this.#find()
    return this.foundHz.min === this.#min?.original.freqHz && this.foundHz.max === this.#max?.original.freqHz
  }

  retake(): void {
    this.#yielded = false
    if (this.#min === undefined || this.#max === undefined) return
    this.#released = true
    this.#memory.ask(this.#min.original.freqHz, this.#max.original.freqHz)
  }

  insist(): void {
    this.#index = -1
    this.#released = false
    this.#memory.unask()
  }

  close(): void {
    for (const limit of [this.#min, this.#max]) limit?.close()
    this.#min = undefined
    this.#max = undefined
    this.insist()
  }

  /** What holds at an OPP that is set already: read again until the kernel reports it, for ever while heat or somebody else holds the policy elsewhere. */
  #settle(): number {
    if (this.#heldHz !== this.#levels[this.#index]?.freqHz) this.#heldHz = this.readHz()
    return this.#heldHz
  }

  /** At the first write: nothing is opened for writing, and nothing journalled, before a knob is really moved. */
  #open(): boolean {
    if (this.#min !== undefined && this.#max !== undefined) return true
    const minPath = join(this.path, 'scaling_min_freq')
    const maxPath = join(this.path, 'scaling_max_freq')
    try {
      this.#min = openLimit(minPath, () => this.#journal.value(minPath))
      this.#max = openLimit(maxPath, () => this.#journal.value(maxPath, this.#uncappedMax(maxPath)))
      this.#memory.exact = readWords(join(this.path, 'scaling_available_frequencies')).length > 0
      this.#count = readThrottle(this.path, this.#root).count
      // A reading right after the first write may still show what was there before.
      this.#memory.ask(this.#min.readHz(), this.#max.readHz())
      this.#memory.unask()
      return true
    } catch (error) {
      this.close()
      this.access = error instanceof FlyballError ? accessOf(error.cause) : accessOf(error)
      if (error instanceof FlyballError && error.code === 'ERR_JOURNAL') throw error
      return false
    }
  }

  /** A maximum that heat or firmware holds down now is not what anybody asked for: putting it back later would keep the board slow. */
  #uncappedMax(maxPath: string): string | undefined {
    const top = readText(join(this.path, 'cpuinfo_max_freq'))
    const now = readNumber(maxPath)
    return top !== undefined && now !== undefined && now < Number(top) && isThrottled(this.path, this.#root) ? top : undefined
  }

  /** Both limits, in the order that never lets the minimum pass the maximum: the new maximum first, unless it lies below the minimum that holds. */
  #move(low: LimitText, high: LimitText): boolean {
    const min = this.#min as CpufreqLimit
    const max = this.#max as CpufreqLimit
    if (!this.#isOwn(min, max)) return false
    const holdsHz = Number.isNaN(this.askedHz.min) ? min.readHz() : this.askedHz.min
    const done = high.freqHz < holdsHz ? this.#write(min, low) && this.#write(max, high) : this.#write(max, high) && this.#write(min, low)
    this.#memory.ask(low.freqHz, high.freqHz)
    if (!done) this.#memory.unask()
    return done
  }

  #write(limit: CpufreqLimit, text: LimitText): boolean {
    try {
      if (!limit.write(text)) return false
      this.access = 'ok'
      return true
    } catch (error) {
      if (error instanceof FlyballError) throw error
      this.access = accessOf(error)
      return false
    }
  }

  /** Before a write: whether what is there may be of ours, or held down as it was at the last look. */
  #isOwn(min: CpufreqLimit, max: CpufreqLimit): boolean {
    const { foundHz, askedHz } = this
    if (Number.isNaN(askedHz.max)) return true
    foundHz.min = min.readHz()
    foundHz.max = max.readHz()
    if (Number.isNaN(foundHz.max) || Number.isNaN(foundHz.min)) return true
    const capped = this.throttle !== undefined && foundHz.max < askedHz.max
    return (capped || this.#memory.isRecent(foundHz.max, 1)) && (foundHz.min === foundHz.max || this.#memory.isRecent(foundHz.min, 0))
  }

  #find(): void {
    this.foundHz.min = this.#min?.readHz() ?? Number.NaN
    this.foundHz.max = this.#max?.readHz() ?? Number.NaN
  }

  /** Lower than asked, and something holds it down: firmware to just its limit, a cooling device by steps whose clocks nobody tells. */
  #isCapped({ firmwareHz, coolingSteps, count }: Throttle): boolean {
    const { foundHz, askedHz } = this
    if (!(foundHz.max < askedHz.max) || !(foundHz.min <= askedHz.min)) return false
    return coolingSteps > 0 || (firmwareHz !== undefined && this.#memory.agree(foundHz.max, firmwareHz)) || count > this.#count
  }

  /** A limit while it is left to others: ours goes back to what it was, theirs is no longer ours to restore. */
  #leave(limit: CpufreqLimit | undefined, ours: boolean): void {
    if (limit === undefined) return
    if (ours) this.#write(limit, limit.original)
    else limit.entry.disown()
  }
}

/** A clamp of one policy. Touches nothing before the first `set` or `watch`. */
export function makeCpufreqClamp(options: CpufreqClampOptions): CpufreqClamp {
  return new Clamp(options)
}
