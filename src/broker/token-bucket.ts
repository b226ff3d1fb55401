/** A rate that may be exceeded for a moment. */
import type { Clock } from '../platform/clock.ts'

/** How long a pause is made up for: who was silent may then send as much at once, s. */
const BURST_S = 2

export class TokenBucket {
  readonly #perSecond: number
  readonly #clock: Clock
  #tokens: number
  #countedMs: number

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#tokens = perSecond * BURST_S
    this.#countedMs = clock.monotonicMs()
  }

  /** How many may be taken now, a whole number. */
  available(): number {
    const nowMs = this.#clock.monotonicMs()
    const earned = ((nowMs - this.#countedMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond * BURST_S, this.#tokens + earned)
    this.#countedMs = nowMs
    return Math.floor(this.#tokens)
  }

  take(count: number): void {
    this.#tokens -= count
  }

  /** Until there is one more, ms. */
  get nextMs(): number {
    return 1000 / this.#perSecond
  }
}
