/**
 * How much all clients together may say in one turn of the event loop. Node reads from every connection that has
 * something before it lets anything go that it has read: with thousands of clients that say more than the broker can
 * pass on, a turn would take longer and longer, nothing would arrive, and all of it would wait in memory. What is not
 * taken in a turn stays in its stream, and soon in the network.
 */
import { afterReading } from '../platform/clock.ts'

/** Some ten milliseconds of work. */
const PUBLISHES_MAX = 256

export class Turn {
  #left = PUBLISHES_MAX
  #isOver = true
  readonly #waiting = new Set<() => void>()

  /** Whether there may be more now; else `again` is called, once, in a turn in which there may. */
  admits(again: () => void): boolean {
    if (this.#left > 0) return true
    this.#waiting.add(again)
    return false
  }

  /** A portion was taken, with so many messages in it. */
  took(publishes: number): void {
    this.#left -= Math.max(1, publishes)
    this.#endLater()
  }

  /** Whoever gave `again` is gone. */
  forget(again: () => void): void {
    this.#waiting.delete(again)
  }

  #endLater(): void {
    if (this.#isOver) afterReading(this.#end)
    this.#isOver = false
  }

  readonly #end = (): void => {
    this.#isOver = true
    this.#left = PUBLISHES_MAX
    for (const again of this.#waiting) {
      if (this.#left <= 0) break
      this.#waiting.delete(again)
      again()
    }
    if (this.#waiting.size > 0) this.#endLater()
  }
}
