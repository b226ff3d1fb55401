/**
 * Which user a client id belongs to. MQTT ties ids to nobody: whoever names one takes over its connection and its
 * stored session. Here an id belongs to the user who holds a connection or a stored session under it.
 */

/** Stored sessions of one user: each may gather messages while nobody is connected. */
const SESSIONS_PER_USER_MAX = 100

interface Binding {
  readonly user: string
  connections: number
  /** Whether a session outlives its connections. */
  isStored: boolean
}

export class ClientIds {
  readonly #bindings = new Map<string, Binding>()
  readonly #sessionsMax: number

  /** `sessionsMax`: stored sessions of all users together. */
  constructor({ sessionsMax }: { readonly sessionsMax: number }) {
    this.#sessionsMax = sessionsMax
  }

  /** Binds `id` to `user` for a session that was stored before the broker started. */
  restore(id: string, user: string): void {
    this.#bindings.set(id, { user, connections: 0, isStored: true })
  }

  /** Binds `id` to `user` for one more connection; says why not, or null where that is done. */
  claim(id: string, user: string, isClean: boolean): string | null {
    const held = this.#bindings.get(id)
    if (held !== undefined && held.user !== user) return 'the client id belongs to another user'
    const binding = held ?? { user, connections: 0, isStored: false }
    if (!isClean && !binding.isStored) {
      const { ofUser, inAll } = this.#countStored(user)
      if (ofUser >= SESSIONS_PER_USER_MAX) return `the user has ${SESSIONS_PER_USER_MAX} stored sessions already`
      if (inAll >= this.#sessionsMax) return `there are ${this.#sessionsMax} stored sessions already`
    }
    binding.connections += 1
    // A clean connect drops the session that was stored. Source: MQTT 3.1.1, 3.1.2.4.
    binding.isStored = !isClean
    this.#bindings.set(id, binding)
    return null
  }

  /** One connection of `id` is gone. */
  release(id: string): void {
    const binding = this.#bindings.get(id)
    if (binding === undefined) return
    binding.connections -= 1
    if (binding.connections === 0 && !binding.isStored) this.#bindings.delete(id)
  }

  /** The user whom `id` belongs to. */
  ownerOf(id: string): string | undefined {
    return this.#bindings.get(id)?.user
  }

  /** Sessions that outlive their connections, and those among them that have none now. */
  get sessions(): { readonly stored: number; readonly away: number } {
    const stored = [...this.#bindings.values()].filter(({ isStored }) => isStored)
    return { stored: stored.length, away: stored.filter(({ connections }) => connections === 0).length }
  }

  isConnected(id: string): boolean {
    return (this.#bindings.get(id)?.connections ?? 0) > 0
  }

  /** The stored session of `id` has ended. */
  end(id: string): void {
    const binding = this.#bindings.get(id)
    if (binding === undefined) return
    binding.isStored = false
    if (binding.connections === 0) this.#bindings.delete(id)
  }

  #countStored(user: string): { readonly ofUser: number; readonly inAll: number } {
    let [ofUser, inAll] = [0, 0]
    for (const binding of this.#bindings.values()) {
      if (!binding.isStored) continue
      inAll += 1
      if (binding.user === user) ofUser += 1
    }
    return { ofUser, inAll }
  }
}
