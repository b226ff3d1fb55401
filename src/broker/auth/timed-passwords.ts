/** Passwords with a watch on them: how long each check took. */
import type { Clock } from '../../platform/clock.ts'
import type { Passwords, Verdict } from './password.ts'

export class TimedPasswords implements Passwords {
  readonly #passwords: Passwords
  readonly #clock: Clock
  readonly #onChecked: (seconds: number) => void

  /** `onChecked` is called with the time of each check, s. */
  constructor(passwords: Passwords, clock: Clock, onChecked: (seconds: number) => void) {
    this.#passwords = passwords
    this.#clock = clock
    this.#onChecked = onChecked
  }

  hash(password: string, cost?: number): Promise<string> {
    return this.#passwords.hash(password, cost)
  }

  async verify(password: Uint8Array, hash: string): Promise<Verdict> {
    const startedMs = this.#clock.monotonicMs()
    const verdict = await this.#passwords.verify(password, hash)
    if (verdict !== 'unavailable') this.#onChecked((this.#clock.monotonicMs() - startedMs) / 1000)
    return verdict
  }

  close(): Promise<void> {
    return this.#passwords.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
