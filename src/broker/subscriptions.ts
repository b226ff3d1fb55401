/** The limit on how many subscriptions one client may hold. */

interface Held {
  /** The connection that holds them: after a take-over the client id is another one's. */
  readonly owner: object
  readonly filters: Set<string>
}

export class Subscriptions {
  readonly #max: number
  readonly #held = new Map<string, Held>()
  #count = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Of all clients that are connected. */
  get count(): number {
    return this.#count
  }

  /** Adds `filter` and gives true, or false where that is one too many; the same filter again is not one more. */
  add(clientId: string, owner: object, filter: string): boolean {
    const { filters } = this.#heldBy(clientId, owner)
    if (filters.has(filter)) return true
    if (filters.size >= this.#max) return false
    filters.add(filter)
    this.#count += 1
    return true
  }

  has(clientId: string, filter: string): boolean {
    return this.#held.get(clientId)?.filters.has(filter) ?? false
  }

  remove(clientId: string, filters: readonly string[]): void {
    for (const filter of filters) if (this.#held.get(clientId)?.filters.delete(filter) === true) this.#count -= 1
  }

  /** `owner` is gone. */
  clear(clientId: string, owner: object): void {
    if (this.#held.get(clientId)?.owner === owner) this.#drop(clientId)
  }

  #heldBy(clientId: string, owner: object): Held {
    const known = this.#held.get(clientId)
    if (known?.owner === owner) return known
    this.#drop(clientId)
    const held: Held = { owner, filters: new Set() }
    this.#held.set(clientId, held)
    return held
  }

  #drop(clientId: string): void {
    this.#count -= this.#held.get(clientId)?.filters.size ?? 0
    this.#held.delete(clientId)
  }
}
