/**
 * What aedes asks of each connection, and the answers. What anyone may do is decided in access.ts and guard.ts; the hooks
 * only carry the question and the answer.
 *
 * A hook must not throw, nor leave its callback uncalled: the first ends the process, the second holds the connection
 * for ever. So each question is asked in a `try`, and no answer means no.
 */
import type { Duplex } from 'node:stream'
import type { AedesOptions, AedesPublishPacket, Client, PublishPacket } from 'aedes'
import { assert, reasonOf } from '../platform/errors.ts'
import type { Logger } from '../platform/log.ts'
import type { Access, Connection, Denial } from './access.ts'
import type { Account, Credentials } from './auth/authenticate.ts'
import { connackError } from './connack.ts'
import { ConnectSecrets } from './connect-secrets.ts'
import type { Delivery } from './delivery.ts'
import { divert } from './divert.ts'
import type { Guard } from './guard.ts'
import { connectFault } from './malformed.ts'
import type { Persistence } from './persistence/persistence.ts'

type Done = (error?: Error | null) => void

interface HookDependencies {
  readonly access: Access
  readonly guard: Guard
  readonly persistence: Persistence
  readonly delivery: Delivery
  /** aedes asks about some streams after they have closed. */
  readonly connectionOf: (stream: Duplex) => Connection | undefined
  /** Called with each message that may be published, before anybody is given it. */
  readonly see: (topic: string, payload: string | Buffer, account: Account | undefined) => void
  /** Publishes a message of a client. */
  readonly publish: (packet: PublishPacket, client: Client | null, done: Done) => void
  readonly logger: Logger
}

export class Hooks {
  readonly #dependencies: HookDependencies
  readonly #secrets = new ConnectSecrets()

  constructor(dependencies: HookDependencies) {
    this.#dependencies = dependencies
  }

  /** The hooks, as aedes takes them. */
  options(): AedesOptions {
    const { access, guard, persistence, delivery, connectionOf, see } = this.#dependencies
    return {
      preConnect: (client, packet, done) => {
        const { clientId, clean, will } = packet
        const connect = { hasClientId: clientId !== '', isClean: clean === true, willTopic: will?.topic ?? null }
        this.#secrets.keep(client, packet)
        const connection = connectionOf(client.conn)
        if (connection !== undefined) guard.connectCame(connection, connect)
        const fault = connectFault(packet)
        if (connection !== undefined && fault !== null) access.cut(connection, fault)
        done(null, fault === null)
      },
      authenticate: (client, username, password, done) => {
        this.#admit(client, { username, password })
          .then((denial) => done(denial === null ? null : connackError(denial), denial === null))
          .catch((error) => this.#giveUp(client, error))
          .finally(() => this.#secrets.forget(client))
      },
      authorizePublish: (client, packet, done) => {
        // That it is a copy concerns its sender and the broker alone (3.3.1-3).
        packet.dup = false
        const isPermitted = this.#ask(client, (connection) => {
          const mayPass = guard.mayPublish(connection, packet.topic)
          if (mayPass) see(packet.topic, packet.payload, connection.login?.account)
          return mayPass
        })
        if (!isPermitted) divert(packet)
        else if (packet.qos === 1) return this.#publishBeforeAnswer(client, packet, done)
        done(null)
      },
      published: (packet, _client, done) => {
        if (packet.qos === 0) done()
        else persistence.written().then(() => done(), done)
      },
      authorizeSubscribe: (client, subscription, done) => {
        if (persistence.isPlaceholder(subscription)) return done(null, null)
        const { topic } = subscription
        const isPermitted = this.#ask(client, (connection) => guard.maySubscribe(connection, topic))
        if (!isPermitted && !client.clean) this.#forget(client, topic)
        if (isPermitted) delivery.grant(client, subscription)
        // null is answered with 0x80 in the SUBACK; an error would close the connection. The QoS says how aedes
        // delivers; what it answers and stores it took before, and how it is sent is decided for each message.
        done(null, isPermitted ? { ...subscription, qos: 2 } : null)
      },
      authorizeForward: (client, packet) => this.#forward(client, packet),
    }
  }

  /** What `client` is to be sent of a message; null where that is nothing, or not now. */
  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { access, persistence, delivery } = this.#dependencies
    if (!this.#ask(client, (connection) => access.mayReceive(connection, packet.topic))) {
      persistence.drop(client, packet)
      return null
    }
    const qos = delivery.qosOf(client, packet)
    if (qos === null || qos === packet.qos) return qos === null ? null : packet
    return { ...packet, qos }
  }

  /**
   * Publishes a message of QoS 1, and lets aedes answer it once what is kept of it is safe. Left alone, aedes answers
   * first: a message that its sender has forgotten could be lost with the broker, and what is sent after the answer
   * overtakes it. With QoS 2 it does as it should.
   */
  #publishBeforeAnswer(client: Client | null, packet: PublishPacket, done: Done): void {
    const message = { ...packet }
    divert(packet)
    this.#dependencies.publish(message, client, done)
  }

  async #admit(client: Client, credentials: Credentials): Promise<Denial | null> {
    const { connectionOf, guard } = this.#dependencies
    const connection = connectionOf(client.conn)
    assert(connection !== undefined, 'aedes asks about streams that it was given here')
    return guard.admit(connection, client.id, credentials)
  }

  /** The answer of `question`; no where it has none. aedes asks with no client about a will whose broker is gone. */
  #ask(client: Client | null, question: (connection: Connection) => boolean): boolean {
    const connection = client === null ? undefined : this.#dependencies.connectionOf(client.conn)
    try {
      return connection !== undefined && question(connection)
    } catch (error) {
      this.#dependencies.logger.error({ reason: reasonOf(error) }, 'question_unanswered')
      return false
    }
  }

  /** Drops a filter that may no longer be read from a stored session, or messages would gather for it for ever. */
  #forget(client: Client, filter: string): void {
    this.#dependencies.persistence.removeSubscriptions(client, [filter]).catch((error) => this.#giveUp(client, error))
  }

  #giveUp(client: Client, error: unknown): void {
    this.#dependencies.logger.error({ client: client.id, reason: reasonOf(error) }, 'client_failed')
    client.conn.destroy()
  }
}
