/**
 * What the broker keeps: retained messages, stored sessions and what waits for them. All of it is in memory, within the
 * limits; with a data directory it is also written there, and read again at the next start. This is the single place
 * to choose otherwise.
 *
 * It takes the place of npm aedes-persistence and aedes-persistence-level. Both lose or repeat messages of QoS 2 and of
 * overlapping filters, keep without limit and look through all retained messages at each subscription; and where a
 * store answers after messages of QoS 0 have passed, aedes takes what comes later for a copy and drops it.
 */
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { BrokerLimits } from '../limits.ts'
import { DatabaseJournal, type Journal, NO_JOURNAL } from './journal.ts'
import { openLevel } from './level.ts'
import type { Message } from './message.ts'
import type { Packet } from './packets.ts'
import type { Entry, KeptWill } from './records.ts'
import { Store } from './store.ts'

/** Who a session belongs to. */
export interface SessionOwners {
  ownerOf(id: string): string | undefined
  isConnected(id: string): boolean
  /** A session of an earlier run is there again. */
  restore(id: string, user: string): void
  /** A session is no more. */
  end(id: string): void
}

export interface PersistenceDependencies {
  readonly limits: BrokerLimits
  readonly owners: SessionOwners
  /** Whether the stored session of `clientId` may hold a subscription to `filter`. */
  readonly mayStore: (clientId: string, filter: string) => boolean
  readonly logger: Logger
  readonly clock: Clock
}

export interface PersistenceCounts {
  readonly retainedMessages: number
  readonly retainedBytes: number
  readonly sessions: number
  readonly queuedMessages: number
  readonly queuedBytes: number
  /** Messages that were not queued, since their client's queue was full. */
  readonly queueDrops: number
  /** Messages that were delivered and not retained, since there was no room. */
  readonly retainDrops: number
  /** Times that the data directory could not be written. */
  readonly storeFailures: number
}

interface ClientId {
  readonly id: string
}

/** What the broker uses itself; the rest is what aedes calls. */
export interface Persistence {
  readonly counts: PersistenceCounts
  /** The retained messages that `filters` match; there are those of earlier runs as soon as aedes has set it up. */
  retained(filters: readonly string[]): Iterable<Message>
  /** Resolves once all that was kept so far is safe, or cannot be. */
  written(): Promise<void>
  /** The subscription that stands for a session without any, for aedes to say that there is one (3.2.2.2). */
  isPlaceholder(subscription: object): boolean
  /** Whether `client` has a queue that was not sent to its end yet. */
  isQueueAhead(client: ClientId): boolean
  /** Takes a message that its client may not have out of its queue. */
  drop(client: ClientId, packet: Packet): void
  removeSubscriptions(client: ClientId, filters: readonly string[]): Promise<void>
  /** Ends the sessions of users who are no more. */
  keepSessionsOf(users: { has(user: string): boolean }): void
  /** Wills of clients that were connected when an earlier run was killed, and have not come back; each given once. */
  takeOrphanedWills(): readonly KeptWill[]
  destroy(): Promise<void>
}

/** Makes the persistence of one broker. Nothing is read or locked before aedes sets it up. */
export function createPersistence(data: string | undefined, dependencies: PersistenceDependencies): Persistence {
  const { logger, clock } = dependencies
  const journalOf = (everything: () => Iterable<Entry>): Journal => {
    if (data === undefined) return NO_JOURNAL
    return new DatabaseJournal({ openDatabase: () => openLevel(data), everything, logger, clock })
  }
  return new Store(journalOf, dependencies)
}
