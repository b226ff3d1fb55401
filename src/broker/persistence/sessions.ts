/** The stored sessions: whose each is, and its subscriptions. Source: MQTT 3.1.1, 3.1.2.4. */
import type { BrokerLimits } from '../limits.ts'
import type { Journal } from './journal.ts'
import { LevelTree } from './level-tree.ts'
import { higherQos, type Qos } from './message.ts'
import { Outbox } from './outbox.ts'
import { type Entry, type SessionFacts, sessionEntry, sessionKey, waitingEntry, waitingKey } from './records.ts'

export interface Session {
  readonly id: string
  readonly user: string
  /** QoS by filter. */
  readonly subscriptions: Map<string, Qos>
  readonly outbox: Outbox
  absentHours: number
}

export interface Subscription {
  readonly topic: string
  readonly qos: Qos
}

type QueueLimits = Pick<BrokerLimits, 'queuedMessagesMax' | 'queuedBytesMax'>

export class Sessions {
  readonly #limits: QueueLimits
  readonly #journal: Journal
  readonly #byId = new Map<string, Session>()
  /** By filter: the sessions that are to be given QoS 1 or 2. */
  readonly #subscribers = new LevelTree<Map<string, Qos>>()

  constructor(limits: QueueLimits, journal: Journal) {
    this.#limits = limits
    this.#journal = journal
  }

  get count(): number {
    return this.#byId.size
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<Session> {
    return this.#byId.values()
  }

  begin(id: string, user: string): void {
    this.#journal.put(sessionEntry(this.restore({ id, user, subscriptions: [], absentHours: 0 })))
  }

  restore({ id, user, subscriptions, absentHours }: SessionFacts): SessionFacts {
    const outbox = new Outbox(this.#limits)
    const session = { id, user, subscriptions: new Map<string, Qos>(), outbox, absentHours }
    this.#byId.set(id, session)
    for (const [filter, qos] of subscriptions) this.#subscribe(session, filter, qos)
    return factsOf(session)
  }

  end(session: Session): void {
    for (const filter of [...session.subscriptions.keys()]) this.#unsubscribe(session, filter)
    this.#byId.delete(session.id)
    this.#journal.delete(sessionKey(session.id))
    for (const { number } of session.outbox.all()) this.#journal.delete(waitingKey(session.id, number))
  }

  subscribe(session: Session, subscriptions: readonly Subscription[]): void {
    for (const { topic, qos } of subscriptions) this.#subscribe(session, topic, qos)
    this.#journal.put(sessionEntry(factsOf(session)))
  }

  unsubscribe(session: Session, filters: readonly string[]): void {
    for (const filter of filters) this.#unsubscribe(session, filter)
    this.#journal.put(sessionEntry(factsOf(session)))
  }

  setAbsence(session: Session, hours: number): void {
    if (session.absentHours === hours) return
    session.absentHours = hours
    this.#journal.put(sessionEntry(factsOf(session)))
  }

  /** Which sessions are to be given a message on `topic`: each once, with the largest QoS of its filters (3.3.5). */
  subscribersOf(topic: string): ReadonlyMap<string, Qos> {
    const found = new Map<string, Qos>()
    for (const subscribers of this.#subscribers.ofFiltersMatching(topic)) {
      for (const [id, qos] of subscribers) found.set(id, higherQos(qos, found.get(id) ?? 0))
    }
    return found
  }

  *entries(): Iterable<Entry> {
    for (const session of this.all()) {
      yield sessionEntry(factsOf(session))
      for (const waiting of session.outbox.all()) yield waitingEntry(session.id, waiting)
    }
  }

  #subscribe(session: Session, filter: string, qos: Qos): void {
    this.#unsubscribe(session, filter)
    session.subscriptions.set(filter, qos)
    // What would be sent with QoS 0 is not kept for who is away.
    if (qos === 0) return
    const subscribers = this.#subscribers.get(filter) ?? new Map<string, Qos>()
    this.#subscribers.set(filter, subscribers.set(session.id, qos))
  }

  #unsubscribe(session: Session, filter: string): void {
    session.subscriptions.delete(filter)
    const subscribers = this.#subscribers.get(filter)
    subscribers?.delete(session.id)
    if (subscribers?.size === 0) this.#subscribers.delete(filter)
  }
}

const factsOf = ({ id, user, subscriptions, absentHours }: Session): SessionFacts => ({
  id,
  user,
  subscriptions: [...subscriptions],
  absentHours,
})
