/** The one place that knows npm `mqtt`. Each attempt is a new client: nothing of an old connection survives into it. */
import type { Duplex } from 'node:stream'
import { type ISubscriptionMap, MqttClient } from 'mqtt'
import type { Clock } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import '../../platform/mqtt-numbers.ts'
import { type Random, randomId } from '../../platform/random.ts'
import { backoffMs } from './backoff.ts'
import type { Link, LinkListener, PublishOptions, Refusal, Subscription } from './link.ts'
import type { Network } from './network.ts'
import { refusalOf, type SubscriptionDenied } from './refusal.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** What a light or a controller asks of its link. */
export interface LinkOptions {
  /** Names the broker in messages, wherever the link leads. */
  readonly url: string
  /** Asked anew for every attempt, so that a corrected password is used. Its error's message is the reason. */
  readonly credentials: () => Promise<Credentials>
  readonly subscriptions: readonly Subscription[]
  readonly will?: { readonly topic: string; readonly payload: string; readonly qos: 0 | 1; readonly retain: boolean }
  readonly clock: Clock
  readonly random: Random
}

/** Over MQTT, but for a simulation of a network. */
export type OpenLink = (options: LinkOptions, listener: LinkListener) => Link

export interface MqttLinkOptions extends LinkOptions {
  readonly network: Network
}

/** The broker notices a lost client after one and a half times this, s. */
const KEEPALIVE_S = 3

/** From opening the connection to the broker's answer, ms; a round trip of 4 s must pass. */
const CONNECT_MS_MAX = 10_000

/** What a connection may hold that its broker has not taken, bytes: about a minute of reports. */
const BACKLOG_BYTES_MAX = 64 * 1024

/** From here on a code of a SUBACK is a refusal. Source: MQTT 3.1.1, 3.9.3. */
const SUBACK_FAILURE = 0x80

/** A clean end waits this long for what was published with it, ms. */
const END_MS_MAX = 500

/** What only a person can change: there is no hurry to try again. */
const WAITS_FOR_A_PERSON: ReadonlySet<Refusal['kind']> = new Set(['wrong-password', 'not-allowed', 'untrusted'])

/** Connects for as long as it is not closed. */
export function openMqttLink(options: MqttLinkOptions, listener: LinkListener): Link {
  const { clock, random } = options
  let client: MqttClient | null = null
  let isUp = false
  let closed = false
  let closing: Promise<void> | null = null
  let failures = 0
  let toldReason: string | null = null
  let cancelWait = (): void => {}

  const failed = (refusal: Refusal): void => {
    client = null
    if (closed) return
    // The same reason again is no news.
    if (isUp || refusal.reason !== toldReason) listener.down(refusal)
    isUp = false
    toldReason = refusal.reason
    // Whoever was told may have closed it.
    if (closed) return
    const refused = WAITS_FOR_A_PERSON.has(refusal.kind)
    cancelWait = clock.after(backoffMs(random, failures++, refused), () => void attempt())
  }

  const attempt = async (): Promise<void> => {
    let credentials: Credentials
    try {
      credentials = await options.credentials()
    } catch (error) {
      return failed({ kind: 'no-password', reason: reasonOf(error) })
    }
    if (closed) return
    client = startClient(options, credentials, {
      up() {
        isUp = true
        failures = 0
        toldReason = null
        listener.up()
      },
      message: listener.message,
      ended: (error, wasLetIn) =>
        failed(refusalOf(error, { url: options.url, username: credentials.username, wasLetIn })),
    })
  }

  void attempt()
  return {
    publish(topic, payload, { qos = 0, retain = false, acknowledged }: PublishOptions = {}) {
      if (client === null || closed || !isUp || !client.connected) return false
      if (client.stream.writableLength > BACKLOG_BYTES_MAX) return false
      client.publish(topic, payload, { qos, retain }, (error) => {
        if (!error) acknowledged?.()
      })
      return true
    },
    close() {
      closed = true
      cancelWait()
      closing ??= client === null ? Promise.resolve() : endClient(client, clock)
      return closing
    },
  }
}

interface ClientListener {
  up(): void
  message(topic: string, payload: Uint8Array): void
  ended(error: unknown, wasLetIn: boolean): void
}

function startClient(
  { network, subscriptions, will, random }: MqttLinkOptions,
  { username, password }: Credentials,
  listener: ClientListener,
): MqttClient {
  let reason: unknown
  let wasLetIn = false
  const connect = (): Duplex => {
    const stream = network()
    // mqtt.js keeps an error without a code to itself.
    return stream.on('error', (error) => {
      reason ??= error
    })
  }
  const client = new MqttClient(connect, {
    clientId: `${username}-${randomId(random)}`,
    username,
    password,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS_MAX,
    // Attempts are made here, each with a client of its own.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(will === undefined ? {} : { will: { ...will, payload: Buffer.from(will.payload) } }),
  })
  const giveUp = (error: unknown): void => {
    reason ??= error
    client.end(true)
  }
  client.on('error', giveUp)
  client.on('message', (topic, payload) => listener.message(topic, payload))
  client.on('connect', () => {
    wasLetIn = true
    // A SUBSCRIBE names at least one. Source: MQTT 3.1.1, 3.8.3.
    if (subscriptions.length === 0) return listener.up()
    const wanted: ISubscriptionMap = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]))
    client.subscribe(wanted, (error, _granted, suback) => {
      const denied = subscriptions.find((_, index) => Number(suback?.granted[index]) >= SUBACK_FAILURE)
      if (denied !== undefined) giveUp({ denied: denied.filter } satisfies SubscriptionDenied)
      else if (error) giveUp(error)
      else if (client.connected) listener.up()
    })
  })
  client.once('close', () => {
    client.end(true)
    listener.ended(reason, wasLetIn)
  })
  return client
}

/**
 * A DISCONNECT, so that no will is sent; and not for longer than a broker deserves that does not answer. mqtt.js would
 * wait until such a broker ends the connection too, and keep the process alive meanwhile.
 */
function endClient(client: MqttClient, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel()
      client.stream.destroy()
      resolve()
    }
    const cancel = clock.after(END_MS_MAX, end)
    client.end(!client.connected, end)
  })
}
