/**
 * The limits that stand around every connection, and the counts of what passes it. What a user may do is decided
 * elsewhere (access.ts): these bounds hold for everybody.
 */
import type { Duplex } from 'node:stream'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import { tally } from '../platform/tally.ts'
import type { RefusedLogIn } from '../protocol/system.ts'
import { parseTopic } from '../protocol/topics.ts'
import type { Access, ConnectFacts, Connection, Denial } from './access.ts'
import { Admission, type Place } from './admission.ts'
import type { Credentials } from './auth/authenticate.ts'
import { CONNACK } from './connack.ts'
import { Excesses, type LimitName } from './excesses.ts'
import { levelCount } from './filter.ts'
import { Guarded, type GuardSettings } from './guarded.ts'
import type { BrokerLimits } from './limits.ts'
import { type KeptCounts, Metrics } from './metrics.ts'
import { sourceOf } from './source.ts'
import { Subscriptions } from './subscriptions.ts'
import type { SystemSources } from './system-topics.ts'
import { Traffic } from './traffic.ts'
import { Turn } from './turn.ts'

interface GuardDependencies {
  readonly limits: BrokerLimits
  readonly access: Access
  readonly logger: Logger
  readonly clock: Clock
  readonly kept: () => KeptCounts
  /** Somebody was not let in. */
  readonly onRefused: (refused: Omit<RefusedLogIn, 'count'>) => void
}

export class Guard {
  readonly metrics: Metrics
  readonly traffic = new Traffic()
  readonly #dependencies: GuardDependencies
  readonly #admission: Admission
  readonly #subscriptions: Subscriptions
  readonly #excesses: Excesses
  readonly #logFailure: ReturnType<typeof tally>
  readonly #guarded = new WeakMap<Connection, Guarded>()
  readonly #settings: GuardSettings

  constructor(dependencies: GuardDependencies) {
    const { limits, access, clock, logger, kept } = dependencies
    this.#dependencies = dependencies
    this.#admission = new Admission(limits)
    this.#subscriptions = new Subscriptions(limits.subscriptionsMax)
    this.metrics = new Metrics({
      traffic: this.traffic,
      connections: () => this.#admission.connections,
      pending: () => this.#admission.pending,
      subscriptions: () => this.#subscriptions.count,
      sessions: () => access.sessions.stored,
      loginsWaiting: () => access.loginsWaiting,
      kept,
    })
    this.#logFailure = tally(clock, (fields, event) => logger.info(fields, event))
    this.#excesses = new Excesses({ ...dependencies, onExcess: this.metrics.limitReached })
    this.#settings = {
      limits,
      clock,
      inflow: {
        flow: this.traffic.received,
        turn: new Turn(),
        clock,
        publishesPerSecondMax: limits.publishesPerSecondMax,
      },
      backlog: { flow: this.traffic.sent, bytesMax: limits.backlogBytesMax },
      cut: (connection, limit, reason) => this.#cut(connection, limit, reason),
      onFlood: (connection) => this.#excesses.note('publishesPerSecondMax', connection),
    }
  }

  /** What `$SYS` tells. */
  get sources(): SystemSources {
    const { access, kept } = this.#dependencies
    return {
      kept,
      traffic: this.traffic,
      clientsConnected: () => this.#admission.connections - this.#admission.pending,
      clientsAway: () => access.sessions.away,
      subscriptions: () => this.#subscriptions.count,
      dropped: () => this.metrics.dropped,
      connections: () => this.metrics.accepted,
    }
  }

  /**
   * Gives whoever comes from `address` a place among the connections, pending at first; null where a limit leaves none,
   * which is counted and logged.
   */
  reserve(address: string): Place | null {
    const place = this.#admission.enter(address)
    if (typeof place !== 'string') return place
    this.metrics.connectionRefused(place)
    this.#excesses.note(place, { address, login: null })
    return null
  }

  /** Follows a new connection with all limits; gives null, and ends the stream, where there is no place for it. */
  enter(stream: Duplex, address: string): Connection | null {
    const place = this.reserve(address)
    if (place === null) {
      stream.destroy()
      return null
    }
    this.metrics.connectionAccepted()
    const connection = this.#dependencies.access.add(stream, address)
    const guarded = new Guarded(connection, place, this.#settings)
    this.#guarded.set(connection, guarded)
    stream.once('close', () => {
      guarded.leave()
      if (connection.login !== null) this.#subscriptions.clear(connection.login.clientId, connection)
    })
    return connection
  }

  /** A CONNECT has come. */
  connectCame(connection: Connection, connect: ConnectFacts): void {
    connection.connect = connect
    this.#guarded.get(connection)?.connectCame()
  }

  /** Logs a connection in; gives null, or why that is refused. */
  async admit(connection: Connection, clientId: string, credentials: Credentials): Promise<Denial | null> {
    const { access } = this.#dependencies
    const denial = this.#willDenial(connection) ?? (await access.admit(connection, clientId, credentials))
    this.metrics.login(denial === null ? 'accepted' : RESULTS[denial.code])
    if (denial === null) this.#guarded.get(connection)?.settle()
    else this.#tellRefused(connection, credentials, denial)
    return denial
  }

  #tellRefused({ address }: Connection, { username }: Credentials, { code, reason }: Denial): void {
    // Who left, or found too many waiting, was not refused for what it is.
    if (code === CONNACK.serverUnavailable) return
    const { access, onRefused } = this.#dependencies
    // What is given for a user may be a password: only names that are known are repeated.
    const user = username !== undefined && access.users.has(username) ? username : null
    onRefused({ user, from: sourceOf(address), reason })
  }

  mayPublish(connection: Connection, topic: string): boolean {
    if (!this.#hasFewLevels(connection, topic)) {
      this.metrics.messageDropped('too_many_levels')
      return false
    }
    if (!this.#dependencies.access.mayPublish(connection, topic)) {
      this.metrics.messageDropped('not_authorized')
      return false
    }
    const parsed = parseTopic(topic)
    if (parsed?.topic === 'report') this.metrics.report(parsed.crossing)
    else if (parsed?.topic === 'command') this.metrics.command(parsed.crossing)
    return true
  }

  /** Where it says yes, the subscription is counted. */
  maySubscribe(connection: Connection, filter: string): boolean {
    if (!this.#hasFewLevels(connection, filter)) return false
    if (!this.#dependencies.access.maySubscribe(connection, filter) || connection.login === null) return false
    if (this.#subscriptions.add(connection.login.clientId, connection, filter)) return true
    this.#excesses.note('subscriptionsMax', connection, filter)
    return false
  }

  unsubscribed(clientId: string, filters: readonly string[]): void {
    this.#subscriptions.remove(clientId, filters)
  }

  /** Whether the client has a subscription to `filter`, which counts. */
  holds(clientId: string, filter: string): boolean {
    return this.#subscriptions.has(clientId, filter)
  }

  /** A connection broke, or broke the rules of MQTT. */
  failed(connection: Connection | undefined, error: Error): void {
    // A log-in that was refused has had its line, or is one of a flood that is not worth one.
    if (connection === undefined || 'returnCode' in error) return
    const { message } = error
    const { address, login } = connection
    const fields = { address, user: login?.account.name, client: login?.clientId, reason: message }
    this.#logFailure(`${login?.account.name ?? sourceOf(address)} ${message}`, fields, 'connection_failed')
  }

  #willDenial(connection: Connection): Denial | null {
    const topic = connection.connect?.willTopic ?? null
    if (topic === null || this.#hasFewLevels(connection, topic)) return null
    return { code: CONNACK.notAuthorized, reason: 'the topic of its will has too many levels' }
  }

  #hasFewLevels(connection: Connection, topic: string): boolean {
    if (levelCount(topic) <= this.#dependencies.limits.topicLevelsMax) return true
    this.#excesses.note('topicLevelsMax', connection, topic)
    return false
  }

  /** Over some limits there is nothing left but to end the connection: that is said in one line, with the limit. */
  #cut(connection: Connection, limit: LimitName, reason: string): void {
    if (connection.stream.destroyed) return
    this.metrics.limitReached(limit)
    this.#dependencies.access.cut(connection, reason, { limit, value: this.#dependencies.limits[limit] })
  }
}

const RESULTS = {
  [CONNACK.identifierRejected]: 'identifier_rejected',
  [CONNACK.serverUnavailable]: 'server_unavailable',
  [CONNACK.badUserNameOrPassword]: 'bad_user_name_or_password',
  [CONNACK.notAuthorized]: 'not_authorized',
} as const
