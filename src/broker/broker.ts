/**
 * The broker: aedes, set up for people who rely on it. This and hooks.ts, which answers what aedes asks, are the one
 * place that knows aedes.
 */
import type { Duplex } from 'node:stream'
import { Aedes, type Client } from 'aedes'
import { type Clock, systemClock } from '../platform/clock.ts'
import { duplexPair } from '../platform/duplex-pair.ts'
import { reasonOf } from '../platform/errors.ts'
import { type Logger, silentLogger } from '../platform/log.ts'
import '../platform/mqtt-numbers.ts'
import { encodeRefusedLogIn, REFUSED_LOG_IN_TOPIC } from '../protocol/system.ts'
import { Access, type Connection } from './access.ts'
import { createPasswords, type Passwords } from './auth/password.ts'
import { TimedPasswords } from './auth/timed-passwords.ts'
import { openUserDirectory, type UserDirectory } from './auth/user-directory.ts'
import type { Users } from './auth/users.ts'
import { Delivery } from './delivery.ts'
import { Guard } from './guard.ts'
import { Hooks } from './hooks.ts'
import { RESTORED_FILTERS, Watch } from './interlock/watch.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { Listeners } from './listeners/listeners.ts'
import type { Broker, BrokerDependencies, BrokerOptions } from './options.ts'
import { awaitReturn } from './orphaned-wills.ts'
import { createPersistence, type Persistence } from './persistence/persistence.ts'
import { RefusedLogIns } from './refused-log-ins.ts'
import { SystemTopics } from './system-topics.ts'

export type { Broker, BrokerDependencies, BrokerOptions } from './options.ts'

/** For an orderly end of all connections, ms; after it they are simply ended. */
const CLOSE_MS_MAX = 1500

/** aedes's own deadline for a CONNECT, which is not used, ms. */
const CONNECT_MS_MAX = 2 ** 31 - 1

/** Starts a broker. Throws configurationError where the users cannot be used, `failed` where it cannot listen. */
export async function startBroker(options: BrokerOptions, dependencies: BrokerDependencies = {}): Promise<Broker> {
  const broker = new AedesBroker(options, dependencies)
  try {
    await broker.start()
    return broker
  } catch (error) {
    await broker.close()
    throw error
  }
}

class AedesBroker implements Broker {
  readonly #options: BrokerOptions
  readonly #logger: Logger
  readonly #clock: Clock
  /** The pool that ends with this broker; null where one was passed in. */
  readonly #ownPasswords: Passwords | null
  readonly #access: Access
  readonly #guard: Guard
  readonly #refusedLogIns: RefusedLogIns
  readonly #systemTopics: SystemTopics
  readonly #persistence: Persistence
  readonly #delivery: Delivery
  readonly #hooks: Hooks
  readonly #aedes: Aedes
  readonly #watch: Watch
  /** By the stream that aedes was given: it asks about some after they have closed. */
  readonly #connections = new WeakMap<Duplex, Connection>()
  readonly #listeners: Listeners
  #directory: UserDirectory | null = null
  #cancelWills = nothing
  #closing: Promise<void> | undefined

  constructor(options: BrokerOptions, dependencies: BrokerDependencies) {
    const { logger = silentLogger, clock = systemClock, passwords = createPasswords() } = dependencies
    this.#options = options
    this.#logger = logger
    this.#clock = clock
    this.#ownPasswords = dependencies.passwords === undefined ? passwords : null
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const timed = new TimedPasswords(passwords, clock, (seconds) => this.#guard.metrics.passwordChecked(seconds))
    this.#access = new Access({ passwords: timed, limits, logger, clock })
    this.#refusedLogIns = new RefusedLogIns(clock, (refused) =>
      this.#publish(REFUSED_LOG_IN_TOPIC, encodeRefusedLogIn(refused), { retain: false }),
    )
    this.#guard = new Guard({
      limits,
      access: this.#access,
      logger,
      clock,
      kept: () => this.#persistence.counts,
      onRefused: (refused) => this.#refusedLogIns.note(refused),
    })
    this.#persistence = createPersistence(options.data, {
      limits,
      owners: this.#access.clientIds,
      mayStore: (id, filter) => this.#access.mayStore(id, filter) && this.#guard.holds(id, filter),
      logger,
      clock,
    })
    this.#delivery = new Delivery(this.#persistence)
    this.#hooks = new Hooks({
      access: this.#access,
      guard: this.#guard,
      persistence: this.#persistence,
      delivery: this.#delivery,
      connectionOf: (stream) => this.#connections.get(stream),
      // It sees what passes before anybody else does: its bounds on clocks rest on that.
      see: (topic, payload, account) => this.#watch.see(topic, payload, account),
      // Its types know no sender.
      publish: (...parts) => Reflect.apply(this.#aedes.publish, this.#aedes, parts),
      logger,
    })
    this.#aedes = new Aedes({
      persistence: this.#persistence,
      // No limit on deliveries at once: with one, a single client that does not read holds up all others.
      concurrency: 0,
      // The guard's deadline comes first, and says whom it ends.
      connectTimeout: CONNECT_MS_MAX,
      ...this.#hooks.options(),
    })
    const { trip: onTrip } = this.#guard.metrics
    this.#watch = new Watch(
      { crossings: options.crossings ?? [], crossingsMax: limits.crossingsMax },
      { clock, logger, publish: (topic, payload) => this.#publish(topic, payload, { qos: 1 }), onTrip },
    )
    this.#systemTopics = new SystemTopics({
      sources: this.#guard.sources,
      clock,
      intervalMs: options.sysIntervalMs,
      publish: (topic, payload) => this.#publish(topic, payload),
    })
    this.#listeners = new Listeners(options, {
      logger,
      clock,
      limits,
      metrics: () => this.metrics(),
      reserve: (address) => this.#guard.reserve(address),
      onConnection: (stream, address) => this.#attach(stream, address),
      users: () => this.#access.users,
    })
    const noteFailure = (client: Client, error: Error): void =>
      this.#guard.failed(this.#connections.get(client.conn), error)
    this.#aedes.on('clientError', noteFailure)
    this.#aedes.on('connectionError', noteFailure)
    this.#aedes.on('unsubscribe', (filters, client) => {
      this.#guard.unsubscribed(client.id, filters)
      this.#delivery.revoke(client, filters)
    })
    // Untyped, and fatal where nobody listens: the store failed.
    this.#aedes.addListener('error', (error) => logger.error({ reason: reasonOf(error) }, 'store_failed'))
  }

  async start(): Promise<void> {
    await this.#aedes.listen()
    this.#watch.start(this.#persistence.retained(RESTORED_FILTERS))
    const { users, accounts = new Map() } = this.#options
    const [logger, clock] = [this.#logger, this.#clock]
    const directory = await openUserDirectory(
      { users, accounts },
      { logger, clock, onChange: (everybody) => this.#changeUsers(everybody) },
    )
    this.#directory = directory
    this.#access.change(directory.users)
    this.#persistence.keepSessionsOf(directory.users)
    this.#cancelWills = awaitReturn({
      persistence: this.#persistence,
      access: this.#access,
      logger,
      clock,
      publish: ({ message, retain }) =>
        this.#aedes.publish({ ...message, cmd: 'publish', dup: false, retain }, nothing),
    })
    this.#systemTopics.start()
    await this.#listeners.open()
  }

  get url(): string | null {
    return this.#listeners.url
  }

  get port(): number | null {
    return this.#listeners.port
  }

  get tlsUrl(): string | null {
    return this.#listeners.tlsUrl
  }

  get httpUrl(): string | null {
    return this.#listeners.httpUrl
  }

  get wsUrl(): string | null {
    return this.#listeners.wsUrl
  }

  connect(): Duplex {
    const [client, server] = duplexPair()
    server.on('error', nothing)
    if (this.#closing !== undefined) {
      client.destroy(Object.assign(new Error('the broker is closed'), { code: 'ECONNREFUSED' }))
      return client
    }
    this.#attach(server, 'this process')
    return client
  }

  reload(): void {
    this.#directory?.reload()
    this.#listeners.reload()
  }

  metrics(): Promise<string> {
    return this.#guard.metrics.text()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#listeners.close()
    this.#systemTopics.close()
    this.#refusedLogIns.close()
    this.#cancelWills()
    this.#guard.metrics.close()
    await this.#directory?.close()
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(CLOSE_MS_MAX, resolve)
      this.#aedes.close(() => {
        cancel()
        resolve()
      })
    })
    this.#access.destroyAll()
    await this.#ownPasswords?.close()
    await this.#persistence.destroy()
  }

  #attach(stream: Duplex, address: string): void {
    stream.on('error', nothing)
    const connection = this.#guard.enter(stream, address)
    if (connection === null) return
    this.#connections.set(stream, connection)
    this.#delivery.add(this.#aedes.handle(stream), this.#aedes.id)
  }

  /** Publishes a message of the broker's own, retained unless told otherwise. */
  #publish(topic: string, text: string, { qos = 0, retain = true }: { qos?: 0 | 1; retain?: boolean } = {}): void {
    const payload = Buffer.from(text)
    this.#aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, (error) => {
      if (error) this.#logger.error({ topic, reason: error.message }, 'publish_failed')
    })
  }

  #changeUsers(users: Users): void {
    this.#access.change(users)
    this.#persistence.keepSessionsOf(users)
    void this.#listeners.settle()
  }
}

const nothing = (): void => {}
