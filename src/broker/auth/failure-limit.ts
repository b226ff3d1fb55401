/**
 * The limit on guesses: so many wrong passwords for one user from one address within a time, and no more are checked
 * until it is over. Both together, or anybody could lock a user out from afar, or all users behind one address.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../platform/clock.ts'
import { atMost } from './entries.ts'
import type { Verdict } from './password.ts'

/** Subjects that are remembered: more than all threads can check within the time, so that none is crowded out. */
const SUBJECTS_MAX = 10_000

interface Record {
  failures: number
  /** Whether a refusal was told of since the first failure. */
  isTold: boolean
}

interface FailureBounds {
  readonly failuresMax: number
  readonly failureMs: number
}

export class FailureLimit {
  readonly #failuresMax: number
  /** From the first failure on; a refusal does not prolong it, so that who mends the password gets in. */
  readonly #records: LRUCache<string, Record>
  /** Checks without a verdict: each may be a failure, so a burst is held to the limit as well. */
  readonly #pending = new Map<string, number>()

  constructor({ failuresMax, failureMs }: FailureBounds, clock: Clock) {
    this.#failuresMax = failuresMax
    const perf = { now: () => clock.monotonicMs() }
    this.#records = new LRUCache({ ...atMost(SUBJECTS_MAX), ttl: failureMs, ttlResolution: 0, perf })
  }

  /** Takes up a check for `subject`, whose verdict `end` is told; false where the limit is reached. */
  begin(subject: string): boolean {
    const pending = this.#pending.get(subject) ?? 0
    const failures = this.#records.get(subject)?.failures ?? 0
    if (failures + pending >= this.#failuresMax) return false
    this.#pending.set(subject, pending + 1)
    return true
  }

  end(subject: string, verdict: Verdict): void {
    const pending = (this.#pending.get(subject) ?? 0) - 1
    if (pending > 0) this.#pending.set(subject, pending)
    else this.#pending.delete(subject)
    if (verdict === 'right') this.forget(subject)
    if (verdict === 'wrong') this.#note(subject)
  }

  /** Whoever got in has not been guessing. */
  forget(subject: string): void {
    this.#records.delete(subject)
  }

  /** Whether a refusal of `subject` is worth a line in the log: once each time that the limit is reached. */
  isNews(subject: string): boolean {
    const record = this.#records.get(subject)
    if (record === undefined || record.isTold) return false
    record.isTold = true
    return true
  }

  #note(subject: string): void {
    const record = this.#records.get(subject)
    if (record === undefined) this.#records.set(subject, { failures: 1, isTold: false })
    else record.failures += 1
  }
}
