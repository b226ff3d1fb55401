/** Tells of log-ins that were refused, at a bounded rate however many there are. */
import type { Clock } from '../platform/clock.ts'
import type { RefusedLogIn } from '../protocol/system.ts'

/** Between two messages, ms. */
const QUIET_MS = 1000

export class RefusedLogIns {
  readonly #clock: Clock
  readonly #tell: (refused: RefusedLogIn) => void
  #newest: Omit<RefusedLogIn, 'count'> | null = null
  #count = 0
  /** Ends the wait after a message; null while there is none. */
  #cancel: (() => void) | null = null

  constructor(clock: Clock, tell: (refused: RefusedLogIn) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** The first is told of at once, what follows within a second together. */
  note(refused: Omit<RefusedLogIn, 'count'>): void {
    this.#newest = refused
    this.#count += 1
    if (this.#cancel === null) this.#flush()
  }

  close(): void {
    this.#cancel?.()
  }

  #flush(): void {
    this.#cancel = null
    if (this.#newest === null) return
    const refused = { ...this.#newest, count: this.#count }
    this.#newest = null
    this.#count = 0
    this.#cancel = this.#clock.after(QUIET_MS, () => this.#flush())
    this.#tell(refused)
  }
}
