/** Simulated real time: tasks in the order of their time and, at one time, in the order in which they were planned. */
import { promisesSettled } from '../platform/clock.ts'

interface Entry {
  readonly atMs: number
  readonly sequence: number
  readonly task: () => void
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.sequence < other.sequence)

export class Timeline {
  /** Real time, ms since the episode began. */
  nowMs = 0
  /** Tasks done so far. */
  tasks = 0
  #sequence = 0
  #unsettled = false
  /** A binary heap: the entry at i is not after those at 2i + 1 and 2i + 2. */
  readonly #heap: Entry[] = []

  at(atMs: number, task: () => void): void {
    this.#push({ atMs: Math.max(atMs, this.nowMs), sequence: this.#sequence++, task })
  }

  after(delayMs: number, task: () => void): void {
    this.at(this.nowMs + delayMs, task)
  }

  /**
   * The task that runs now has set off something that waits for promises: that is done before the next task, which
   * keeps a run the same however busy the machine is.
   */
  settle(): void {
    this.#unsettled = true
  }

  /** Does what is due up to `untilMs`, or until `isOver` says so. */
  async run(untilMs: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.atMs > untilMs) break
      this.#pop()
      this.nowMs = next.atMs
      this.tasks++
      next.task()
      while (this.#unsettled) {
        this.#unsettled = false
        await promisesSettled()
      }
      if (isOver()) return
    }
    this.nowMs = untilMs
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heap[parentAt]
      if (parent === undefined || !isBefore(entry, parent)) break
      heap[at] = parent
      at = parentAt
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (!isBefore(child, last)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
  }
}
