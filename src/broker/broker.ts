/**
 * The broker: aedes, set up for people who rely on it. This is the one place that knows aedes; what anyone may do is
 * decided in access.ts, and the hooks here only carry the question and the answer.
 *
 * A hook must not throw, nor leave its callback uncalled: the first ends the process, the second holds the connection
 * for ever. So each question is asked in a `try`, and no answer means no.
 */
import type { Duplex } from 'node:stream'
import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes'
import { type Clock, systemClock } from '../platform/clock.ts'
import { duplexPair } from '../platform/duplex-pair.ts'
import { assert, reasonOf } from '../platform/errors.ts'
import { type Logger, silentLogger } from '../platform/log.ts'
import { Access, type Connection, type Denial } from './access.ts'
import type { Credentials } from './auth/authenticate.ts'
import { createPasswords, type Passwords } from './auth/password.ts'
import { openUserDirectory, type UserDirectory } from './auth/user-directory.ts'
import type { Users } from './auth/users.ts'
import { limitBacklog } from './backlog.ts'
import { demoAccountsOf, LOOPBACK, permittedHost, remediesFor } from './exposure.ts'
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts'
import { listenTcp, type TcpListener } from './listeners/tcp.ts'
import type { Broker, BrokerDependencies, BrokerOptions } from './options.ts'
import { limitPackets } from './packet-limit.ts'
import { createPersistence, type Persistence } from './persistence.ts'

export type { Broker, BrokerDependencies, BrokerOptions } from './options.ts'

/** For an orderly end of all connections, ms; after it they are simply ended. */
const CLOSE_MS_MAX = 1500

/** Where refused messages go: nobody may read it, and being of `$SYS` it is queued for no stored session. */
const REFUSED_TOPIC = '$SYS/refused'

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
  readonly #limits: BrokerLimits
  readonly #logger: Logger
  readonly #clock: Clock
  /** The pool that ends with this broker; null where one was passed in. */
  readonly #ownPasswords: Passwords | null
  readonly #access: Access
  readonly #persistence: Persistence
  readonly #aedes: Aedes
  /** By the stream that aedes was given: it asks about some after they have closed. */
  readonly #connections = new WeakMap<Duplex, Connection>()
  #listener: TcpListener | null = null
  #directory: UserDirectory | null = null
  #closing: Promise<void> | undefined

  constructor(options: BrokerOptions, dependencies: BrokerDependencies) {
    const { logger = silentLogger, clock = systemClock, passwords = createPasswords() } = dependencies
    this.#options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#logger = logger
    this.#clock = clock
    this.#ownPasswords = dependencies.passwords === undefined ? passwords : null
    this.#access = new Access({ passwords, limits: this.#limits, logger, clock })
    this.#persistence = createPersistence((clientId, filter) => this.#access.mayStore(clientId, filter))
    this.#aedes = new Aedes({
      persistence: this.#persistence,
      // No limit on deliveries at once: with one, a single client that does not read holds up all others.
      concurrency: 0,
      connectTimeout: this.#limits.connectMsMax,
      ...this.#hooks(),
    })
    const logFailure = (client: Client, error: Error): void => {
      // A log-in that was refused has had its line, or is one of a flood that is not worth one.
      if ('returnCode' in error) return
      logger.info({ client: client.id, reason: error.message }, 'connection_failed')
    }
    this.#aedes.on('clientError', logFailure)
    this.#aedes.on('connectionError', logFailure)
    // Untyped, and fatal where nobody listens: the store failed.
    this.#aedes.addListener('error', (error) => logger.error({ reason: reasonOf(error) }, 'store_failed'))
  }

  async start(): Promise<void> {
    await this.#aedes.listen()
    const { users, accounts = new Map(), host = LOOPBACK, port = 1883 } = this.#options
    const [logger, clock] = [this.#logger, this.#clock]
    const directory = await openUserDirectory(
      { users, accounts },
      { logger, clock, onChange: (everybody) => this.#changeUsers(everybody) },
    )
    this.#directory = directory
    this.#access.change(directory.users)
    if (port === false) return
    this.#warnOfDemoAccounts(directory.users)
    const onConnection = (stream: Duplex, address: string): void => this.#attach(stream, address)
    const permitted = permittedHost(host, directory.users)
    this.#listener = await listenTcp({ host: permitted, port }, { logger, clock, onConnection })
    // The users may have changed while the port was opened.
    await this.#listener.moveTo(permittedHost(host, this.#access.users))
  }

  get url(): string | null {
    return this.#listener?.url ?? null
  }

  get port(): number | null {
    return this.#listener?.port ?? null
  }

  connect(): Duplex {
    const [client, server] = duplexPair()
    server.on('error', () => {})
    if (this.#closing !== undefined) {
      client.destroy(Object.assign(new Error('the broker is closed'), { code: 'ECONNREFUSED' }))
      return client
    }
    this.#attach(server, 'this process')
    return client
  }

  reload(): void {
    this.#directory?.reload()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#listener?.close()
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
    const connection = this.#access.add(stream, address)
    this.#connections.set(stream, connection)
    const { connectBytesMax, packetBytesMax, backlogBytesMax } = this.#limits
    const bytesMax = (): number => (connection.login === null ? connectBytesMax : packetBytesMax)
    limitPackets(stream, bytesMax, () => this.#access.cut(connection, `a packet over ${bytesMax()} bytes`))
    limitBacklog(stream, backlogBytesMax, () => this.#access.cut(connection, 'it does not read'))
    stream.on('error', () => {})
    this.#aedes.handle(stream)
  }

  #changeUsers(users: Users): void {
    this.#access.change(users)
    if (this.#listener === null) return
    this.#warnOfDemoAccounts(users)
    void this.#listener.moveTo(permittedHost(this.#options.host ?? LOOPBACK, users))
  }

  #warnOfDemoAccounts(users: Users): void {
    const { host = LOOPBACK } = this.#options
    if (permittedHost(host, users) === host) return
    const accounts = demoAccountsOf(users)
    const fields = { asked: host, host: LOOPBACK, accounts, remedies: remediesFor(accounts) }
    this.#logger.warn(fields, 'demo_accounts_keep_broker_on_loopback')
  }

  #hooks(): AedesOptions {
    const access = this.#access
    return {
      preConnect: (client, { clientId, clean, will }, done) => {
        const connection = this.#connections.get(client.conn)
        const connect = { hasClientId: clientId !== '', isClean: clean === true, willTopic: will?.topic ?? null }
        if (connection !== undefined) connection.connect = connect
        done(null, true)
      },
      authenticate: (client, username, password, done) => {
        this.#admit(client, { username, password })
          .then((denial) => done(denial === null ? null : connackError(denial), denial === null))
          .catch((error) => this.#giveUp(client, error))
      },
      authorizePublish: (client, packet, done) => {
        if (!this.#ask(client, (connection) => access.mayPublish(connection, packet.topic))) divert(packet)
        done(null)
      },
      authorizeSubscribe: (client, subscription, done) => {
        const isPermitted = this.#ask(client, (connection) => access.maySubscribe(connection, subscription.topic))
        if (!isPermitted && !client.clean) this.#forget(client, subscription.topic)
        // null is answered with 0x80 in the SUBACK; an error would close the connection.
        done(null, isPermitted ? subscription : null)
      },
      authorizeForward: (client, packet) => {
        const isPermitted = this.#ask(client, (connection) => access.mayReceive(connection, packet.topic))
        return isPermitted ? packet : null
      },
    }
  }

  async #admit(client: Client, credentials: Credentials): Promise<Denial | null> {
    const connection = this.#connections.get(client.conn)
    assert(connection !== undefined, 'aedes asks about streams that it was given here')
    return this.#access.admit(connection, client.id, credentials)
  }

  /** The answer of `question`; no where it has none. aedes asks with no client about a will whose broker is gone. */
  #ask(client: Client | null, question: (connection: Connection) => boolean): boolean {
    const connection = client === null ? undefined : this.#connections.get(client.conn)
    try {
      return connection !== undefined && question(connection)
    } catch (error) {
      this.#logger.error({ reason: reasonOf(error) }, 'question_unanswered')
      return false
    }
  }

  /** Drops a filter that may no longer be read from a stored session, or messages would gather for it for ever. */
  #forget(client: Client, filter: string): void {
    this.#persistence.removeSubscriptions(client, [filter]).catch((error) => this.#giveUp(client, error))
  }

  #giveUp(client: Client, error: unknown): void {
    this.#logger.error({ client: client.id, reason: reasonOf(error) }, 'client_failed')
    client.conn.destroy()
  }
}

const connackError = ({ code, reason }: Denial): Error & { returnCode: number } =>
  Object.assign(new Error(reason), { returnCode: code })

/**
 * Makes a refused message harmless, where refusing it as aedes does would close the connection: MQTT 3.1.1 has no
 * negative PUBACK (3.3.5), so a publisher with one right too few would connect, publish and be cut without end. aedes
 * lets authorizePublish change the message, and goes on with it as with any other: QoS 1 gets its PUBACK, QoS 2 its
 * handshake, and the empty message goes where nobody reads. It is not retained there.
 */
function divert(packet: PublishPacket): void {
  packet.topic = REFUSED_TOPIC
  packet.payload = Buffer.alloc(0)
  packet.retain = false
}
