/** What waits for stored sessions, from the moment it is published until it is acknowledged. */
import type { Journal } from './journal.ts'
import { keptMessage, lowerQos, type Qos } from './message.ts'
import type { Waiting } from './outbox.ts'
import { keyOf, type Packet, packetOf, payloadOf } from './packets.ts'
import { waitingEntry, waitingKey } from './records.ts'
import type { Session, Sessions } from './sessions.ts'

interface QueueDependencies {
  readonly sessions: Sessions
  readonly journal: Journal
  /** A message was not queued, since the session has no room for it. */
  readonly onFull: (session: Session) => void
}

interface Client {
  readonly id: string
}

export class Queues {
  readonly #dependencies: QueueDependencies
  /** Clients whose queue was sent: what is new goes straight to them. */
  readonly #upToDate = new WeakSet<Client>()
  /** Those whose queue is being sent: called when the message of this key is on its way. */
  readonly #onSent = new WeakMap<Session, { readonly key: string; readonly resolve: () => void }>()
  #numberLast = 0

  constructor(dependencies: QueueDependencies) {
    this.#dependencies = dependencies
  }

  add(subscribers: readonly { readonly clientId: string; readonly qos: Qos }[], packet: Packet): void {
    if (subscribers.length === 0) return
    const { sessions, journal, onFull } = this.#dependencies
    const published = keptMessage({ ...packet, payload: payloadOf(packet) })
    for (const { clientId, qos } of subscribers) {
      const session = sessions.get(clientId)
      if (session === undefined) continue
      const message = { ...published, qos: lowerQos(qos, packet.qos) }
      this.#numberLast += 1
      const waiting = { key: keyOf(packet), number: this.#numberLast, message, messageId: null, isReleased: false }
      if (session.outbox.add(waiting)) journal.put(waitingEntry(clientId, waiting))
      else onFull(session)
    }
  }

  restore(session: Session, waiting: Waiting): void {
    session.outbox.restore(waiting)
    this.#numberLast = Math.max(this.#numberLast, waiting.number)
  }

  /** It is about to be sent. What had no room in the queue is sent as well, and not repeated. */
  send(client: Client, packet: Packet): void {
    const session = this.#dependencies.sessions.get(client.id)
    if (session === undefined || packet.messageId === undefined || packet.messageId === null) return
    const { messageId } = packet
    const isRelease = packet.cmd === 'pubrel'
    this.#keep(session, isRelease ? session.outbox.release(messageId) : session.outbox.send(keyOf(packet), messageId))
    const waited = this.#onSent.get(session)
    if (waited?.key === keyOf(packet)) waited.resolve()
  }

  acknowledge(client: Client, messageId: number | null | undefined): void {
    // Without one it is a second copy of what another filter of the client has asked for, or one that is held back.
    if (messageId === undefined || messageId === null) return
    const session = this.#dependencies.sessions.get(client.id)
    this.#forget(session, session?.outbox.acknowledge(messageId))
  }

  drop(client: Client, packet: Packet): void {
    const session = this.#dependencies.sessions.get(client.id)
    this.#forget(session, session?.outbox.drop(keyOf(packet)))
  }

  isAhead(client: Client): boolean {
    return !this.#upToDate.has(client) && this.#dependencies.sessions.get(client.id) !== undefined
  }

  /**
   * All that waits for `client`, oldest first, one after the other as they are sent; and what is published meanwhile,
   * so that nothing newer overtakes it (4.6).
   */
  async *sending(client: Client): AsyncIterable<object> {
    const session = this.#dependencies.sessions.get(client.id)
    for (const waiting of session?.outbox.all() ?? []) {
      const { key } = waiting
      const sent = new Promise<void>((resolve) => {
        if (session !== undefined) this.#onSent.set(session, { key, resolve })
      })
      yield packetOf(waiting)
      await sent
    }
    this.#upToDate.add(client)
  }

  #keep({ id }: Session, waiting: Waiting | undefined): void {
    if (waiting !== undefined) this.#dependencies.journal.put(waitingEntry(id, waiting))
  }

  #forget(session: Session | undefined, waiting: Waiting | undefined): void {
    if (session === undefined || waiting === undefined) return
    this.#dependencies.journal.delete(waitingKey(session.id, waiting.number))
  }
}
