/** Time, as everything here gets it: passed in, so that a test or a simulation can hold it still. */
export interface Clock {
  /** Monotonic time, ms with fractions. It never goes back; it may stand still while the machine sleeps. */
  monotonicMs(): number
  /** Wall-clock time, ms since 1970. Compared only with itself, to notice a step or a sleep; else it is told to people. */
  wallMs(): number
  /** Calls `task` once, `delayMs` from now or later. Returns what cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** The longest delay that a timer takes, ms: 24 days, and longer than anything waits here. Source: Node `TIMEOUT_MAX`. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** CLOCK_MONOTONIC in ms: the same line of time in every process of a machine, which is what lets traces be compared. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

export const systemClock: Clock = {
  monotonicMs,
  wallMs: Date.now,
  after(delayMs, task) {
    const dueMs = monotonicMs() + delayMs
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      timer = setTimeout(call, Math.min(Math.max(0, Math.ceil(leftMs)), TIMER_MS_MAX))
    }
    // A timer counts whole milliseconds of a clock that has none between: it may come 1 ms early, and then waits on.
    const call = (): void => {
      const leftMs = dueMs - monotonicMs()
      if (leftMs > 0) wait(leftMs)
      else task()
    }
    wait(delayMs)
    return () => clearTimeout(timer)
  },
}

/** Timers of Node's come up to so late on a machine with nothing else to do, ms: the last of a wait is done without one. */
const TIMER_LATE_MS = 1.5

const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/**
 * As `systemClock.after`, but some tenths of a millisecond late and not a whole one, where the delay is 3 ms or more: for the
 * last of it this thread stands still, without taking the processor. For a process that has nothing else to do.
 */
export const afterPunctually: Clock['after'] = (delayMs, task) => {
  const dueMs = monotonicMs() + delayMs
  return systemClock.after(delayMs - TIMER_LATE_MS, () => {
    for (let leftMs = dueMs - monotonicMs(); leftMs > 0; leftMs = dueMs - monotonicMs()) {
      Atomics.wait(never, 0, 0, leftMs)
    }
    task()
  })
}

/** A wall-clock time as people and other systems read it: ISO 8601, UTC. */
export const isoTime = (wallMs: number): string => new Date(wallMs).toISOString()

/** CLOCK_MONOTONIC, whole nanoseconds, as traces record it. */
export const monotonicNs = (): bigint => process.hrtime.bigint()

/** Calls `task` when all that the event loop reads in this turn has been read. */
export const afterReading = (task: () => void): void => void setImmediate(task)

/** Resolves when everything that waits for promises which are kept already has gone on. */
export const promisesSettled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A moment of the wall clock as others want it, from ms since 1970. */
export const dateOf = (wallMs: number): Date => new Date(wallMs)
