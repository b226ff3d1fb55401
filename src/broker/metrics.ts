/**
 * What an operator watches. No label holds anything that a client chose, but for the names of crossings, of which a
 * bounded number is told apart.
 */
import type { LimitName } from './excesses.ts'
import { MetricsRegistry } from './metrics-registry.ts'
import type { Traffic } from './traffic.ts'

/** Crossings that are told apart; all others are one. */
const CROSSINGS_MAX = 100

const OTHER_CROSSINGS = 'other'

/** Upper bounds for the time of one bcrypt check, s: cost 10 takes 0.07 on a desktop and 0.7 on a small board. */
const BCRYPT_SECONDS = [0.01, 0.03, 0.1, 0.2, 0.5, 1, 2, 5]

export type LoginResult =
  | 'accepted'
  | 'bad_user_name_or_password'
  | 'identifier_rejected'
  | 'not_authorized'
  | 'server_unavailable'

export type DropReason = 'not_authorized' | 'too_many_levels'

/** What is kept for clients, as its keeper counts it. */
export interface KeptCounts {
  readonly retainedMessages: number
  /** Messages that wait for clients that are away. */
  readonly queuedMessages: number
  /** Messages that were not queued, since the queue of their client was full. */
  readonly queueDrops: number
  /** Messages that were not retained, since there was no room. */
  readonly retainDrops: number
  /** Times that the data directory could not be written. */
  readonly storeFailures: number
}

/** What is read where it lives, when somebody asks. */
export interface MetricSources {
  readonly traffic: Traffic
  readonly connections: () => number
  readonly pending: () => number
  readonly subscriptions: () => number
  /** Stored sessions. */
  readonly sessions: () => number
  readonly kept: () => KeptCounts
  /** Log-ins whose password waits to be checked. */
  readonly loginsWaiting: () => number
}

export class Metrics {
  readonly #registry = new MetricsRegistry()
  readonly #crossings = new Set<string>()
  readonly #countDropped: (reason: DropReason) => void
  readonly #kept: () => KeptCounts
  #accepted = 0
  #dropped = 0

  /** A connection was refused for a limit on connections. */
  readonly connectionRefused: (limit: LimitName) => void
  readonly limitReached: (limit: LimitName) => void
  readonly login: (result: LoginResult) => void
  /** bcrypt checked a password, which took as many seconds. */
  readonly passwordChecked: (seconds: number) => void
  /** A light of a crossing published a report. */
  readonly report: (crossing: string) => void
  /** A controller published a command to a light of a crossing. */
  readonly command: (crossing: string) => void
  /** The conflict monitor tripped a crossing. */
  readonly trip: (crossing: string) => void

  constructor(sources: MetricSources) {
    const registry = this.#registry
    this.#kept = sources.kept
    const { kept } = sources
    const { received, sent } = sources.traffic
    registry.gauge('connections', 'Connections, logged in or not', sources.connections)
    registry.gauge('connections_pending', 'Connections that have not logged in yet', sources.pending)
    registry.total('connections_total', 'Connections that were let in', () => this.#accepted)
    this.connectionRefused = registry.counter('connections_refused_total', 'Connections refused, by limit', 'limit')
    this.limitReached = registry.counter('limits_reached_total', 'How often a limit was reached, by its name', 'limit')
    this.login = registry.counter('logins_total', 'Log-ins, by result', 'result')
    registry.gauge('logins_waiting', 'Log-ins whose password waits to be checked', sources.loginsWaiting)
    this.passwordChecked = registry.histogram('bcrypt_seconds', 'Time of a password check with bcrypt', BCRYPT_SECONDS)
    registry.total('packets_received_total', 'MQTT packets received, of every kind', () => received.packets)
    registry.total('packets_sent_total', 'MQTT packets sent, of every kind', () => sent.packets)
    registry.total('messages_received_total', 'Messages that clients published', () => received.publishes)
    registry.total('messages_sent_total', 'Messages sent to subscribers', () => sent.publishes)
    this.#countDropped = registry.counter('messages_dropped_total', 'Messages dropped, by reason', 'reason', () =>
      this.#keptDrops(),
    )
    registry.total('received_bytes_total', 'Bytes received', () => received.bytes)
    registry.total('sent_bytes_total', 'Bytes sent', () => sent.bytes)
    registry.gauge('subscriptions', 'Subscriptions of clients that are connected', sources.subscriptions)
    registry.gauge('sessions', 'Stored sessions', sources.sessions)
    registry.gauge('retained_messages', 'Retained messages', () => kept().retainedMessages)
    registry.gauge('queued_messages', 'Messages that wait for clients that are away', () => kept().queuedMessages)
    registry.total('store_failures_total', 'Times that the data directory failed', () => kept().storeFailures)
    const byCrossing = (name: string, help: string): ((crossing: string) => void) => {
      const count = registry.counter(name, help, 'crossing')
      return (crossing) => count(this.#labelOf(crossing))
    }
    this.report = byCrossing('reports_total', 'Reports of lights, by crossing')
    this.command = byCrossing('commands_total', 'Commands to lights, by crossing')
    this.trip = byCrossing('trips_total', 'Trips of the conflict monitor, by crossing')
    registry.process()
  }

  /** Connections that were let in so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** Messages dropped so far, whatever the reason. */
  get dropped(): number {
    let dropped = this.#dropped
    for (const [, count] of this.#keptDrops()) dropped += count
    return dropped
  }

  connectionAccepted(): void {
    this.#accepted += 1
  }

  messageDropped(reason: DropReason): void {
    this.#dropped += 1
    this.#countDropped(reason)
  }

  /** Everything in the text format of Prometheus, version 0.0.4. */
  text(): Promise<string> {
    return this.#registry.text()
  }

  /** Ends what is measured all the time. */
  close(): void {
    this.#registry.close()
  }

  #keptDrops(): readonly (readonly [string, number])[] {
    const { queueDrops, retainDrops } = this.#kept()
    return [
      ['queue_full', queueDrops],
      ['retained_full', retainDrops],
    ]
  }

  #labelOf(crossing: string): string {
    if (this.#crossings.has(crossing)) return crossing
    if (this.#crossings.size >= CROSSINGS_MAX) return OTHER_CROSSINGS
    this.#crossings.add(crossing)
    return crossing
  }
}
