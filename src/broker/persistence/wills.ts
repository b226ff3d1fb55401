/** The last wills of those who are connected: a broker that is killed cannot publish them, its next run can. */
import type { Journal } from './journal.ts'
import { type Entry, type KeptWill, willEntry, willKey } from './records.ts'

export class Wills {
  readonly #journal: Journal
  /** By client id, with how many connections of it have one: where an id is taken over, two for a moment. */
  readonly #wills = new Map<string, { readonly will: KeptWill; readonly connections: number }>()
  readonly #orphans = new Map<string, KeptWill>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  put(will: KeptWill): void {
    this.#wills.set(will.id, { will, connections: (this.#wills.get(will.id)?.connections ?? 0) + 1 })
    this.#journal.put(willEntry(will))
  }

  /** A connection with a will has ended, and that was published or dropped. */
  release(id: string): void {
    const held = this.#wills.get(id)
    if (held === undefined) return
    if (held.connections > 1) this.#wills.set(id, { ...held, connections: held.connections - 1 })
    else if (this.#wills.delete(id)) this.#journal.delete(willKey(id))
  }

  /** Its client is here again, or it was published. */
  deleteOrphan(id: string): void {
    if (this.#orphans.delete(id) && !this.#wills.has(id)) this.#journal.delete(willKey(id))
  }

  restore(will: KeptWill): void {
    this.#orphans.set(will.id, will)
  }

  /** Those of an earlier run whose clients have not come back. */
  orphans(): Iterable<KeptWill> {
    return this.#orphans.values()
  }

  *entries(): Iterable<Entry> {
    for (const will of this.#orphans.values()) yield willEntry(will)
    for (const { will } of this.#wills.values()) yield willEntry(will)
  }
}
