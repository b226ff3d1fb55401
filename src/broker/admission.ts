/** How many connections there may be: in all and from one address, before log-in and after. */
import { assert } from '../platform/errors.ts'
import type { BrokerLimits } from './limits.ts'
import { sourceOf } from './source.ts'

/** The limits on the number of connections. */
export type AdmissionLimit = 'connectionsMax' | 'connectionsPerAddressMax' | 'pendingMax' | 'pendingPerAddressMax'

interface Counts {
  connections: number
  pending: number
}

export class Admission {
  readonly #limits: Pick<BrokerLimits, AdmissionLimit>
  readonly #all: Counts = { connections: 0, pending: 0 }
  readonly #bySource = new Map<string, Counts>()

  constructor(limits: Pick<BrokerLimits, AdmissionLimit>) {
    this.#limits = limits
  }

  get connections(): number {
    return this.#all.connections
  }

  get pending(): number {
    return this.#all.pending
  }

  /** Gives a new connection from `address` a place, pending at first, or names the limit that leaves none. */
  enter(address: string): Place | AdmissionLimit {
    const source = sourceOf(address)
    const ofSource = this.#bySource.get(source) ?? { connections: 0, pending: 0 }
    const reached = this.#limitReached(ofSource)
    if (reached !== null) return reached
    this.#bySource.set(source, ofSource)
    for (const counts of [this.#all, ofSource]) {
      counts.connections += 1
      counts.pending += 1
    }
    return new Place(this, source)
  }

  /** A place at `source` is no longer pending. */
  settled(source: string): void {
    this.#all.pending -= 1
    this.#of(source).pending -= 1
  }

  /** A place at `source`, which is not pending, is free again. */
  left(source: string): void {
    const ofSource = this.#of(source)
    this.#all.connections -= 1
    ofSource.connections -= 1
    if (ofSource.connections === 0) this.#bySource.delete(source)
  }

  #of(source: string): Counts {
    const counts = this.#bySource.get(source)
    assert(counts !== undefined, 'who has a place is counted')
    return counts
  }

  #limitReached(ofSource: Counts): AdmissionLimit | null {
    const { connectionsMax, connectionsPerAddressMax, pendingMax, pendingPerAddressMax } = this.#limits
    if (this.#all.connections >= connectionsMax) return 'connectionsMax'
    if (ofSource.connections >= connectionsPerAddressMax) return 'connectionsPerAddressMax'
    if (this.#all.pending >= pendingMax) return 'pendingMax'
    return ofSource.pending >= pendingPerAddressMax ? 'pendingPerAddressMax' : null
  }
}

/** The place of one connection among all. */
export class Place {
  readonly #admission: Admission
  readonly #source: string
  #state: 'pending' | 'settled' | 'left' = 'pending'

  constructor(admission: Admission, source: string) {
    this.#admission = admission
    this.#source = source
  }

  /** Its connection has logged in. */
  settle(): void {
    if (this.#state !== 'pending') return
    this.#state = 'settled'
    this.#admission.settled(this.#source)
  }

  /** Its connection is gone. Leaving twice is fine. */
  leave(): void {
    if (this.#state === 'left') return
    this.settle()
    this.#state = 'left'
    this.#admission.left(this.#source)
  }
}
