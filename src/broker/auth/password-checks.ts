/** Runs of bcrypt under way: one for all who ask the same, none for those who have left before it began. */
import type { Clock } from '../../platform/clock.ts'
import { CHECKS_AT_ONCE, type Passwords, type Verdict } from './password.ts'
import { TurnQueue } from './turn-queue.ts'

/** A question without an answer by then is given up, ms: aedes would wait for ever. */
const ANSWER_MS_MAX = 30_000

export interface Question {
  /** What makes two questions the same. */
  readonly id: string
  /** The machine that asks. */
  readonly source: string
  readonly password: Uint8Array
  readonly hash: string
}

interface Check {
  readonly verdict: Promise<Verdict>
  readonly cancel: () => boolean
  askers: number
}

interface CheckDependencies {
  readonly passwords: Passwords
  readonly clock: Clock
  /** Checks that may wait for a thread. */
  readonly waitingMax: number
}

export class PasswordChecks {
  readonly #dependencies: CheckDependencies
  readonly #queue: TurnQueue
  readonly #underWay = new Map<string, Check>()

  constructor(dependencies: CheckDependencies) {
    this.#dependencies = dependencies
    this.#queue = new TurnQueue({ runningMax: CHECKS_AT_ONCE, waitingMax: dependencies.waitingMax })
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id)
  }

  /** Checks that wait for a thread. */
  get waiting(): number {
    return this.#queue.waiting
  }

  /**
   * Begins a check, whose first asker is yet to come. `onVerdict` is told its verdict before the askers are, and also
   * where all of them have left: the password was right or wrong all the same.
   */
  begin({ id, source, password, hash }: Question, onVerdict: (verdict: Verdict) => void): void {
    const ticket = this.#queue.add(source, () => this.#dependencies.passwords.verify(password, hash))
    const settle = (verdict: Verdict): Verdict => {
      if (this.#underWay.get(id) === check) this.#underWay.delete(id)
      onVerdict(verdict)
      return verdict
    }
    const verdict = ticket.result.then(
      (result) => settle(result ?? 'unavailable'),
      (error) => {
        settle('unavailable')
        throw error
      },
    )
    const check = { verdict, cancel: () => ticket.cancel(), askers: 0 }
    this.#underWay.set(id, check)
  }

  /** The verdict of the check `id`; `unavailable` without one in time, and as soon as `left` says that nobody waits. */
  async answer(id: string, left: AbortSignal): Promise<Verdict> {
    const check = this.#underWay.get(id)
    if (check === undefined) return 'unavailable'
    check.askers += 1
    return await new Promise<Verdict>((resolve, reject) => {
      const leave = (): void => {
        end()
        check.askers -= 1
        // Not to be joined any more: whoever asks the same from now on gets a check of his own.
        if (check.askers === 0 && check.cancel()) this.#underWay.delete(id)
        resolve('unavailable')
      }
      const cancel = this.#dependencies.clock.after(ANSWER_MS_MAX, leave)
      const end = (): void => {
        cancel()
        left.removeEventListener('abort', leave)
      }
      left.addEventListener('abort', leave)
      check.verdict.then(resolve, reject).finally(end)
      if (left.aborted) leave()
    })
  }
}
