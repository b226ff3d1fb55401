/**
 * Work that waits for one of a few places. Sources take turns, whatever each has waiting, and where no more may wait the
 * source with most gives way: who floods it waits for himself.
 */

export interface Ticket<Result> {
  /** What the work gave; null where it was never begun. */
  readonly result: Promise<Result | null>
  /** Gives the place in the queue up; false where the work has begun. */
  cancel(): boolean
}

interface Bounds {
  /** Works at once. */
  readonly runningMax: number
  readonly waitingMax: number
}

interface Waiting {
  readonly begin: () => void
  readonly refuse: () => void
}

export class TurnQueue {
  readonly #bounds: Bounds
  /** What waits, oldest first, by source; the first source has the next turn. None is empty. */
  readonly #lines = new Map<string, Waiting[]>()
  #waiting = 0
  #running = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  get waiting(): number {
    return this.#waiting
  }

  add<Result>(source: string, work: () => Promise<Result>): Ticket<Result> {
    let waiting: Waiting | null = null
    const result = new Promise<Result | null>((resolve, reject) => {
      const begin = (): void => void this.#run(work).then(resolve, reject)
      if (this.#running < this.#bounds.runningMax) begin()
      else if (this.#hasRoomFor(source)) waiting = this.#enqueue(source, { begin, refuse: () => resolve(null) })
      else resolve(null)
    })
    return { result, cancel: () => waiting !== null && this.#remove(source, waiting) }
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
      this.#beginNext()
    }
  }

  #beginNext(): void {
    const [turn] = this.#lines
    if (turn === undefined) return
    const [source, line] = turn
    const next = line.shift()
    this.#waiting -= 1
    this.#lines.delete(source)
    if (line.length > 0) this.#lines.set(source, line)
    next?.begin()
  }

  #enqueue(source: string, waiting: Waiting): Waiting {
    const line = this.#lines.get(source)
    if (line === undefined) this.#lines.set(source, [waiting])
    else line.push(waiting)
    this.#waiting += 1
    return waiting
  }

  /** Makes room where `source` has less waiting than another: the newest of the longest line goes. */
  #hasRoomFor(source: string): boolean {
    if (this.#waiting < this.#bounds.waitingMax) return true
    const own = this.#lines.get(source)?.length ?? 0
    let longest: readonly [string, readonly Waiting[]] = [source, []]
    for (const line of this.#lines) if (line[1].length > longest[1].length) longest = line
    const newest = longest[1].at(-1)
    if (newest === undefined || longest[1].length <= own + 1) return false
    this.#remove(longest[0], newest)
    return true
  }

  #remove(source: string, waiting: Waiting): boolean {
    const line = this.#lines.get(source) ?? []
    const index = line.indexOf(waiting)
    if (index < 0) return false
    line.splice(index, 1)
    if (line.length === 0) this.#lines.delete(source)
    this.#waiting -= 1
    waiting.refuse()
    return true
  }
}
