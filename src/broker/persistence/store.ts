/** The persistence that aedes is given: each of its calls, as a change of what is kept. */
import { Readable } from 'node:stream'
import { tally } from '../../platform/tally.ts'
import { Incoming } from './incoming.ts'
import type { Journal } from './journal.ts'
import type { Message, Qos } from './message.ts'
import { type Packet, payloadOf } from './packets.ts'
import type { Persistence, PersistenceCounts, PersistenceDependencies } from './persistence.ts'
import { Queues } from './queues.ts'
import { type Entry, type Kept, type KeptWill, parseEntry } from './records.ts'
import { RetainedMessages } from './retained.ts'
import { type Session, Sessions, type Subscription } from './sessions.ts'
import { Wills } from './wills.ts'

interface Client {
  readonly id: string
}

/** How often absence is counted, ms: an hour. */
const HOUR_MS = 3_600_000
const HOURS_PER_DAY = 24

/** Stands for a session without subscriptions. It is refused when aedes restores it, so nobody ever holds it. */
const PLACEHOLDER: Subscription = { topic: '$SYS/session', qos: 0 }

export class Store implements Persistence {
  readonly #dependencies: PersistenceDependencies
  readonly #journal: Journal
  readonly #retained: RetainedMessages
  readonly #sessions: Sessions
  readonly #queues: Queues
  readonly #incoming: Incoming
  readonly #wills: Wills
  readonly #note: (kind: string, fields: object, event: string) => void
  #queueDrops = 0
  #retainDrops = 0
  #cancelHour: () => void = () => {}

  constructor(journalOf: (everything: () => Iterable<Entry>) => Journal, dependencies: PersistenceDependencies) {
    const { limits, logger, clock } = dependencies
    const journal = journalOf(() => this.#entries())
    const sessions = new Sessions(limits, journal)
    this.#dependencies = dependencies
    this.#journal = journal
    this.#sessions = sessions
    this.#retained = new RetainedMessages(limits, journal)
    this.#queues = new Queues({ sessions, journal, onFull: (session) => this.#noteFull(session) })
    this.#incoming = new Incoming(journal, (id) => sessions.get(id) !== undefined)
    this.#wills = new Wills(journal)
    this.#note = tally(clock, (fields, event) => logger.warn(fields, event))
  }

  /** aedes insists on an async function. */
  async setup(): Promise<void> {
    for await (const entry of this.#journal.open()) this.#restore(parseEntry(entry))
    this.#countHours()
  }

  async destroy(): Promise<void> {
    this.#cancelHour()
    await this.#journal.close()
  }

  get counts(): PersistenceCounts {
    const outboxes = Array.from(this.#sessions.all(), ({ outbox }) => outbox)
    return {
      retainedMessages: this.#retained.count,
      retainedBytes: this.#retained.bytes,
      sessions: this.#sessions.count,
      queuedMessages: outboxes.reduce((sum, { count }) => sum + count, 0),
      queuedBytes: outboxes.reduce((sum, { bytes }) => sum + bytes, 0),
      queueDrops: this.#queueDrops,
      retainDrops: this.#retainDrops,
      storeFailures: this.#journal.failures,
    }
  }

  written(): Promise<void> {
    return this.#journal.written()
  }

  async storeRetained(packet: Packet): Promise<void> {
    const { topic, qos } = packet
    if (this.#retained.put({ topic, payload: payloadOf(packet), qos })) return
    this.#retainDrops += 1
    const { count, bytes } = this.#retained
    this.#note('retained', { topic: topic.slice(0, 120), messages: count, bytes }, 'retained_messages_full')
  }

  retained(filters: readonly string[]): Iterable<Message> {
    return this.#retained.matching(filters)
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    const messages = [...this.retained(filters)]
    return Readable.from(messages.map((message) => ({ cmd: 'publish', ...message, retain: true })))
  }

  async subscriptionsByClient({ id }: Client): Promise<readonly Subscription[]> {
    const session = this.#sessions.get(id)
    if (session === undefined) {
      const user = this.#dependencies.owners.ownerOf(id)
      if (user !== undefined) this.#sessions.begin(id, user)
      return []
    }
    this.#sessions.setAbsence(session, 0)
    const subscriptions = Array.from(session.subscriptions, ([topic, qos]) => ({ topic, qos }))
    return subscriptions.length > 0 ? subscriptions : [PLACEHOLDER]
  }

  isPlaceholder(subscription: object): boolean {
    return subscription === PLACEHOLDER
  }

  /** A clean connect: all of the session before ends, what waits for it included (3.1.2-6). */
  async cleanSubscriptions({ id }: Client): Promise<void> {
    const session = this.#sessions.get(id)
    if (session !== undefined) this.#end(session)
  }

  /** aedes hands over the whole SUBSCRIBE, refused filters included, and would deliver them after the next connect. */
  async addSubscriptions({ id }: Client, subscriptions: readonly Subscription[]): Promise<void> {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    const { mayStore } = this.#dependencies
    this.#sessions.subscribe(
      session,
      subscriptions.filter(({ topic }) => mayStore(id, topic)),
    )
    await this.written()
  }

  async removeSubscriptions({ id }: Client, filters: readonly string[]): Promise<void> {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    this.#sessions.unsubscribe(session, filters)
    await this.written()
  }

  async subscriptionsByTopic(topic: string): Promise<readonly (Subscription & { readonly clientId: string })[]> {
    return Array.from(this.#sessions.subscribersOf(topic), ([clientId, qos]) => ({ clientId, topic, qos }))
  }

  async outgoingEnqueue(subscriber: { readonly clientId: string; readonly qos?: Qos }, packet: Packet): Promise<void> {
    this.#queues.add([{ qos: packet.qos, ...subscriber }], packet)
  }

  async outgoingEnqueueCombi(
    subscribers: readonly { readonly clientId: string; readonly qos: Qos }[],
    packet: Packet,
  ): Promise<void> {
    this.#queues.add(subscribers, packet)
  }

  async outgoingUpdate(client: Client, packet: Packet): Promise<void> {
    this.#queues.send(client, packet)
  }

  async outgoingClearMessageId(client: Client, { messageId }: Packet): Promise<void> {
    this.#queues.acknowledge(client, messageId)
  }

  outgoingStream(client: Client): Readable {
    return Readable.from(this.#queues.sending(client))
  }

  isQueueAhead(client: Client): boolean {
    return this.#queues.isAhead(client)
  }

  drop(client: Client, packet: Packet): void {
    this.#queues.drop(client, packet)
  }

  async incomingStorePacket({ id }: Client, { messageId }: Packet): Promise<void> {
    if (typeof messageId === 'number') this.#incoming.add(id, messageId)
  }

  async incomingGetPacket({ id }: Client, packet: Packet): Promise<Packet> {
    if (this.#incoming.has(id, packet.messageId ?? 0)) return packet
    throw new Error('no such packet')
  }

  async incomingDelPacket({ id }: Client, { messageId }: Packet): Promise<void> {
    this.#incoming.delete(id, messageId ?? 0)
  }

  async cleanIncoming({ id }: Client): Promise<void> {
    this.#incoming.clear(id)
  }

  async putWill({ id }: Client, packet: Packet): Promise<void> {
    const { topic, qos, retain } = packet
    const user = this.#dependencies.owners.ownerOf(id)
    if (user !== undefined) this.#wills.put({ id, user, message: { topic, payload: payloadOf(packet), qos }, retain })
  }

  /** aedes names the broker where a connection has ended, and hands over the client itself where it has begun. */
  async delWill(client: Client & { readonly brokerId?: string }): Promise<void> {
    if (client.brokerId === undefined) this.#wills.deleteOrphan(client.id)
    else this.#wills.release(client.id)
  }

  /** Those of other brokers: there are none. */
  streamWill(): Readable {
    return Readable.from([])
  }

  takeOrphanedWills(): readonly KeptWill[] {
    const wills = [...this.#wills.orphans()]
    for (const { id } of wills) this.#wills.deleteOrphan(id)
    return wills
  }

  keepSessionsOf(users: { has(user: string): boolean }): void {
    for (const session of [...this.#sessions.all()]) if (!users.has(session.user)) this.#end(session)
  }

  #end(session: Session): void {
    this.#incoming.clear(session.id)
    this.#sessions.end(session)
    this.#dependencies.owners.end(session.id)
  }

  #restore(kept: Kept): void {
    switch (kept.kind) {
      case 'retained':
        return this.#retained.restore(kept.message)
      case 'session':
        this.#sessions.restore(kept.facts)
        return this.#dependencies.owners.restore(kept.facts.id, kept.facts.user)
      case 'waiting': {
        // Sessions come first: 's' sorts before 'w'.
        const session = this.#sessions.get(kept.id)
        if (session !== undefined) this.#queues.restore(session, kept.waiting)
        return
      }
      case 'incoming':
        return this.#incoming.restore(kept.id, kept.messageId)
      case 'will':
        return this.#wills.restore(kept.will)
    }
  }

  *#entries(): Iterable<Entry> {
    for (const part of [this.#retained, this.#sessions, this.#incoming, this.#wills]) yield* part.entries()
  }

  /** Counts hours rather than compares dates: a machine without a clock of its own starts in 1970 and then jumps. */
  #countHours(): void {
    const { clock, owners, limits } = this.#dependencies
    this.#cancelHour = clock.after(HOUR_MS, () => {
      for (const session of [...this.#sessions.all()]) {
        if (owners.isConnected(session.id)) continue
        if (session.absentHours >= limits.sessionDaysMax * HOURS_PER_DAY) {
          this.#end(session)
        } else this.#sessions.setAbsence(session, session.absentHours + 1)
      }
      this.#countHours()
    })
  }

  #noteFull({ id, user, outbox }: Session): void {
    this.#queueDrops += 1
    const fields = { client: id.slice(0, 120), user, messages: outbox.count, bytes: outbox.bytes }
    this.#note(`queue of ${id}`, fields, 'queue_full')
  }
}
