/** The clocks of one machine: monotonic and wall, with an offset and a rate of their own, suspends and steps. */
import type { Timeline } from './timeline.ts'

export class SimulatedClock {
  /** How often it was suspended or set back: what was known of it before does not hold any more. */
  interruptions = 0
  readonly #timeline: Timeline
  #atRealMs: number
  #readMs: number
  #rate: number
  #wallAheadMs: number
  #isSuspended = false

  constructor(
    timeline: Timeline,
    { startMs, rate, wallAheadMs }: { startMs: number; rate: number; wallAheadMs: number },
  ) {
    this.#timeline = timeline
    this.#atRealMs = timeline.nowMs
    this.#readMs = startMs
    this.#rate = rate
    this.#wallAheadMs = wallAheadMs
  }

  get rate(): number {
    return this.#rate
  }

  monotonicMs(): number {
    return this.#isSuspended ? this.#readMs : this.#readMs + this.#rate * (this.#timeline.nowMs - this.#atRealMs)
  }

  wallMs(): number {
    return this.monotonicMs() + this.#wallAheadMs
  }

  /** The real time at which it reads `ms`, as far as its present rate tells. */
  realWhen(ms: number): number {
    return this.#atRealMs + (ms - this.#readMs) / this.#rate
  }

  setRate(rate: number): void {
    this.#rebase()
    this.#rate = rate
  }

  stepWall(ms: number): void {
    this.#wallAheadMs += ms
  }

  /** The machine sleeps: its monotonic clock stands still, its wall clock does not. */
  suspend(): void {
    if (this.#isSuspended) return
    this.#rebase()
    this.#isSuspended = true
    this.interruptions++
  }

  resume(): void {
    this.#rebase()
    this.#isSuspended = false
  }

  /** The machine starts anew: its monotonic clock begins again. */
  restart(startMs: number): void {
    this.resume()
    this.#atRealMs = this.#timeline.nowMs
    this.#readMs = startMs
    this.interruptions++
  }

  #rebase(): void {
    if (this.#isSuspended) this.#wallAheadMs += this.#rate * (this.#timeline.nowMs - this.#atRealMs)
    this.#readMs = this.monotonicMs()
    this.#atRealMs = this.#timeline.nowMs
  }
}
