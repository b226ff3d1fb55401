/** The identifiers of messages of QoS 2 that a client has sent and not released. Source: MQTT 3.1.1, 4.3.3. */
import type { Journal } from './journal.ts'
import { type Entry, incomingEntry, incomingKey } from './records.ts'

export class Incoming {
  readonly #journal: Journal
  /** Whether the client of this id has a stored session. */
  readonly #isStored: (id: string) => boolean
  readonly #byId = new Map<string, Set<number>>()

  constructor(journal: Journal, isStored: (id: string) => boolean) {
    this.#journal = journal
    this.#isStored = isStored
  }

  has(id: string, messageId: number): boolean {
    return this.#byId.get(id)?.has(messageId) ?? false
  }

  add(id: string, messageId: number): void {
    this.restore(id, messageId)
    if (this.#isStored(id)) this.#journal.put(incomingEntry(id, messageId))
  }

  restore(id: string, messageId: number): void {
    this.#byId.set(id, (this.#byId.get(id) ?? new Set()).add(messageId))
  }

  delete(id: string, messageId: number): void {
    const held = this.#byId.get(id)
    if (held === undefined || !held.delete(messageId)) return
    if (held.size === 0) this.#byId.delete(id)
    if (this.#isStored(id)) this.#journal.delete(incomingKey(id, messageId))
  }

  clear(id: string): void {
    for (const messageId of [...(this.#byId.get(id) ?? [])]) this.delete(id, messageId)
  }

  *entries(): Iterable<Entry> {
    for (const [id, held] of this.#byId) {
      if (this.#isStored(id)) for (const messageId of held) yield incomingEntry(id, messageId)
    }
  }
}
