/**
 * What each connection may do: log in, publish, subscribe, receive. It refuses by default, says so in the log without
 * letting anyone flood it, and cuts whose account changes. It knows nothing of the broker that asks.
 */
import type { Duplex } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import { tally } from '../platform/tally.ts'
import { crossingOfAdminTopic } from '../protocol/system.ts'
import { type Action, may, rightsOf } from './acl.ts'
import { type Account, type Asker, Authenticator, type Credentials, type Outcome } from './auth/authenticate.ts'
import type { Passwords } from './auth/password.ts'
import type { Users } from './auth/users.ts'
import { ClientIds } from './client-ids.ts'
import { CONNACK, type ConnackCode } from './connack.ts'
import { Decisions } from './decisions.ts'
import type { BrokerLimits } from './limits.ts'
import { Refusals } from './refusals.ts'
import { sourceOf } from './source.ts'

/** A connection, from its first byte to its last. */
export interface Connection {
  readonly stream: Duplex
  /** Where it comes from, for the log. */
  readonly address: string
  /** What its CONNECT says of its session; null before that. */
  connect: ConnectFacts | null
  /** Who it is; null before log-in. It stays what it was at log-in, so that its will keeps the right it was given. */
  login: Login | null
}

export interface ConnectFacts {
  readonly hasClientId: boolean
  readonly isClean: boolean
  readonly willTopic: string | null
}

interface Login {
  readonly clientId: string
  readonly account: Account
  readonly refusals: Refusals
  /** Whether it may publish on a topic, and receive from it. An account that changes ends the connection. */
  readonly publishes: Decisions
  readonly receives: Decisions
}

export interface Denial {
  readonly code: ConnackCode
  readonly reason: string
  /** The log has said so a moment ago. */
  readonly isRepeated?: boolean
}

interface AccessDependencies {
  readonly passwords: Passwords
  readonly limits: BrokerLimits
  readonly logger: Logger
  readonly clock: Clock
}

export class Access {
  readonly #dependencies: AccessDependencies
  readonly #connections = new Set<Connection>()
  readonly #clientIds: ClientIds
  readonly #authenticator: Authenticator
  /** About who has not logged in, at a bounded rate. */
  readonly #logStrangers: ReturnType<typeof tally>
  #users: Users = new Map()

  /** There are no users until `change` names them. */
  constructor(dependencies: AccessDependencies) {
    this.#dependencies = dependencies
    this.#clientIds = new ClientIds(dependencies.limits)
    this.#authenticator = new Authenticator({ users: () => this.#users, ...dependencies })
    this.#logStrangers = tally(dependencies.clock, (fields, event) => dependencies.logger.warn(fields, event))
  }

  get users(): Users {
    return this.#users
  }

  /** Log-ins whose password waits to be checked. */
  get loginsWaiting(): number {
    return this.#authenticator.waiting
  }

  /** Stored sessions, and those among them whose client is away. */
  get sessions(): { readonly stored: number; readonly away: number } {
    return this.#clientIds.sessions
  }

  /** Follows a new connection until it closes. */
  add(stream: Duplex, address: string): Connection {
    const connection: Connection = { stream, address, connect: null, login: null }
    this.#connections.add(connection)
    stream.once('close', () => {
      this.#connections.delete(connection)
      if (connection.login === null) return
      this.#clientIds.release(connection.login.clientId)
      this.#dependencies.logger.info(this.#fieldsOf(connection), 'client_disconnected')
    })
    return connection
  }

  /** Logs a connection in; gives null, or why that is refused. */
  async admit(connection: Connection, clientId: string, credentials: Credentials): Promise<Denial | null> {
    const denial = await this.#tryToAdmit(connection, clientId, credentials)
    const { logger } = this.#dependencies
    if (denial === null) {
      logger.info(this.#fieldsOf(connection), 'client_connected')
    } else {
      const user = credentials.username?.slice(0, NAME_CHARACTERS_MAX)
      const fields = { address: connection.address, user, reason: denial.reason, code: denial.code }
      logger[denial.isRepeated === true ? 'debug' : 'warn'](fields, 'client_refused')
    }
    return denial
  }

  async #tryToAdmit(connection: Connection, clientId: string, credentials: Credentials): Promise<Denial | null> {
    const { connect, stream } = connection
    if (connect === null || (!connect.hasClientId && !connect.isClean)) {
      // Source: MQTT 3.1.1, 3.1.3.1: without an id there is no session to come back to.
      return { code: CONNACK.identifierRejected, reason: 'a client id is needed without a clean session' }
    }
    if (stream.destroyed) return LEFT
    const outcome = await this.#authenticate(connection, credentials)
    if (stream.destroyed) return LEFT
    if (outcome.kind === 'refused') return outcome
    const { account } = outcome
    if (connect.willTopic !== null && !may(account.rights, 'publish', connect.willTopic)) {
      const reason = `its will may not be published: ${shortened(connect.willTopic)}`
      return { code: CONNACK.notAuthorized, reason }
    }
    const reason = this.#clientIds.claim(clientId, account.name, connect.isClean)
    if (reason !== null) return { code: CONNACK.identifierRejected, reason }
    connection.login = loginOf(clientId, account)
    return null
  }

  async #authenticate({ stream, address }: Connection, credentials: Credentials): Promise<Outcome> {
    const asker = new ConnectionAsker(stream, sourceOf(address))
    try {
      return await this.#authenticator.authenticate(credentials, asker)
    } finally {
      asker.stop()
    }
  }

  mayPublish(connection: Connection, topic: string): boolean {
    const { login } = connection
    if (login?.publishes.about(topic) === true) return true
    this.#noteRefusal(connection, topic, 'publish_refused')
    return false
  }

  maySubscribe(connection: Connection, filter: string): boolean {
    const { login } = connection
    if (login !== null && may(login.account.rights, 'subscribe', filter)) return true
    this.#noteRefusal(connection, filter, 'subscribe_refused')
    return false
  }

  mayReceive({ login }: Connection, topic: string): boolean {
    return login?.receives.about(topic) === true
  }

  /** Who each session belongs to, for who keeps the sessions. */
  get clientIds(): ClientIds {
    return this.#clientIds
  }

  /** Whether the stored session of `clientId` may hold a subscription to `filter`. */
  mayStore(clientId: string, filter: string): boolean {
    const owner = this.#clientIds.ownerOf(clientId)
    return owner !== undefined && this.#mayNow(owner, 'subscribe', filter)
  }

  /** Whether the will of a client of `user` may be published, now that nobody is connected any more. */
  mayLeave(user: string, topic: string): boolean {
    return this.#mayNow(user, 'publish', topic)
  }

  #mayNow(name: string, action: Action, topic: string): boolean {
    const user = this.#users.get(name)
    return user !== undefined && may(rightsOf(name, user), action, topic)
  }

  /** From now on these are the users; connections of those who are gone, or are not as they were, are cut. */
  change(users: Users): void {
    this.#users = users
    for (const connection of this.#connections) {
      const account = connection.login?.account
      if (account === undefined || isDeepStrictEqual(users.get(account.name), account.user)) continue
      this.cut(connection, 'the account was changed')
    }
  }

  /** Ends a connection from this side; its will is published. `details` are further fields of the log line. */
  cut(connection: Connection, reason: string, details: object = {}): void {
    if (connection.stream.destroyed) return
    const fields = { ...this.#fieldsOf(connection), reason, ...details }
    // Before log-in it costs nothing to come back and be cut again.
    if (connection.login === null) this.#logStrangers(`${reason} ${sourceOf(connection.address)}`, fields, 'client_cut')
    else this.#dependencies.logger.warn(fields, 'client_cut')
    connection.stream.destroy()
  }

  /** Ends all connections. */
  destroyAll(): void {
    for (const { stream } of this.#connections) stream.destroy()
  }

  #noteRefusal(connection: Connection, topic: string, event: string): void {
    const { logger, clock } = this.#dependencies
    const refusal = connection.login?.refusals.note(topic, clock.monotonicMs())
    if (refusal === undefined || connection.stream.destroyed) return
    if (refusal.log !== null) {
      const { subject, count } = refusal.log
      // That one was a question, and the answer is no: nothing is wrong.
      const level = crossingOfAdminTopic(topic) === null ? 'warn' : 'debug'
      logger[level]({ ...this.#fieldsOf(connection), topic: subject, count }, event)
    }
    if (refusal.isFlood) this.cut(connection, 'too many refused messages')
  }

  #fieldsOf({ address, login }: Connection): object {
    const clientId = login === null ? undefined : shortened(login.clientId)
    return { address, user: login?.account.name, client: clientId }
  }
}

function loginOf(clientId: string, account: Account): Login {
  const decisions = (action: Action): Decisions => new Decisions((topic) => may(account.rights, action, topic))
  return {
    clientId,
    account,
    refusals: new Refusals(),
    publishes: decisions('publish'),
    receives: decisions('receive'),
  }
}

/** Nobody is there any more to be told of it. */
const LEFT: Denial = { code: CONNACK.serverUnavailable, reason: 'the connection closed meanwhile' }

/** As much as a log line repeats of what a client chose, characters. */
const NAME_CHARACTERS_MAX = 120
const shortened = (text: string): string => text.slice(0, NAME_CHARACTERS_MAX)

/**
 * Who waits to be let in. Nothing is read from a stream while it waits for the answer to its CONNECT, and a stream whose
 * end is not read does not end: so its end is looked for, which takes no byte out of it. Most need not wait, and have
 * no signal made for them.
 */
class ConnectionAsker implements Asker {
  readonly source: string
  readonly #stream: Duplex
  #controller: AbortController | null = null

  constructor(stream: Duplex, source: string) {
    this.#stream = stream
    this.source = source
  }

  get left(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      this.#stream.on('readable', this.#look).on('close', this.#abort)
    }
    return this.#controller.signal
  }

  /** Looks no more. */
  stop(): void {
    if (this.#controller !== null) this.#stream.off('readable', this.#look).off('close', this.#abort)
  }

  readonly #look = (): void => void this.#stream.read(0)
  readonly #abort = (): void => this.#controller?.abort()
}
