/** The one place that knows npm `mqtt`. Each attempt is a new client: nothing of an old connection survives into it. */
import { connect as connectSocket } from 'node:net'

import { type ISubscriptionMap, MqttClient } from 'mqtt'
import type { Clock } from '../../platform/clock.ts'
import { configurationError, systemCode } from '../../platform/errors.ts'
import { type Random, randomId } from '../../platform/random.ts'
import { backoffMs } from './backoff.ts'
import type { Link, LinkListener, PublishOptions, Refusal, Subscription } from './link.ts'
import type { Network } from './network.ts'
import { refusalOf, type SubscriptionDenied } from './refusal.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface MqttLinkOptions {
  /** `mqtt://HOST:PORT`; it names the broker in messages even where `network` leads elsewhere. */
  readonly url: string
  /** Asked anew for every attempt, so that a corrected password is used. Its error's message is the reason. */
  readonly credentials: () => Promise<Credentials>
  readonly subscriptions: readonly Subscription[]
  readonly will?: { readonly topic: string; readonly payload: string; readonly qos: 0 | 1; readonly retain: boolean }
  /** A new stream to the broker. Default: TCP to `url`. */
  readonly network?: Network
  readonly clock: Clock
  readonly random: Random
}

/** The broker notices a lost client after one and a half times this, s. */
const KEEPALIVE_S = 3

/** From opening the connection to the broker's answer, ms; a round trip of 4 s must pass. */
const CONNECT_MS_MAX = 10_000

/** What a connection may hold that its broker has not taken, bytes: about a minute of reports. */
const BACKLOG_BYTES_MAX = 64 * 1024

/** A clean end waits this long for what was published with it, ms. */
const END_MS_MAX = 500

/** Connects for as long as it is not closed. Throws configurationError where `url` is not one to use. */
export function openMqttLink(options: MqttLinkOptions, listener: LinkListener): Link {
  const { clock, random } = options
  const network = options.network ?? tcpNetwork(options.url)
  let client: MqttClient | null = null
  let isUp = false
  let closed = false
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
    const refused = refusal.kind === 'wrong-password' || refusal.kind === 'not-allowed'
    cancelWait = clock.after(backoffMs(random, failures++, refused), () => void attempt())
  }

  const attempt = async (): Promise<void> => {
    let credentials: Credentials
    try {
      credentials = await options.credentials()
    } catch (error) {
      return failed({ kind: 'no-password', reason: error instanceof Error ? error.message : String(error) })
    }
    if (closed) return
    client = startClient(options, network, credentials, {
      up() {
        isUp = true
        failures = 0
        toldReason = null
        listener.up()
      },
      message: listener.message,
      ended: (error) => failed(refusalOf(error, { url: options.url, username: credentials.username })),
    })
  }

  void attempt()
  return {
    publish(topic, payload, { qos = 0, retain = false }: PublishOptions = {}) {
      if (client === null || !isUp || !client.connected) return false
      if (client.stream.writableLength > BACKLOG_BYTES_MAX) return false
      client.publish(topic, payload, { qos, retain }, () => {})
      return true
    },
    async close() {
      if (closed) return
      closed = true
      cancelWait()
      if (client !== null) await endClient(client, clock)
    },
  }
}

interface ClientListener {
  up(): void
  message(topic: string, payload: Uint8Array): void
  ended(error: unknown): void
}

function startClient(
  { subscriptions, will, random }: MqttLinkOptions,
  network: Network,
  { username, password }: Credentials,
  listener: ClientListener,
): MqttClient {
  let reason: unknown
  const client = new MqttClient(() => network(), {
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
    const wanted: ISubscriptionMap = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]))
    client.subscribe(wanted, (error, granted = []) => {
      const denied = granted.find(({ qos }) => qos >= 128)
      if (denied !== undefined) giveUp({ denied: denied.topic } satisfies SubscriptionDenied)
      else if (error) giveUp(error)
      else if (client.connected) listener.up()
    })
  })
  client.once('close', () => {
    client.end(true)
    listener.ended(reason)
  })
  return client
}

/** A DISCONNECT, so that no will is sent; and not for longer than a broker deserves that does not answer. */
function endClient(client: MqttClient, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(END_MS_MAX, () => client.end(true, () => resolve()))
    client.end(false, () => {
      cancel()
      resolve()
    })
  })
}

function tcpNetwork(url: string): Network {
  const parsed = parseUrl(url)
  // mqtt.js leaves Nagle's algorithm on, which holds small messages back for up to 40 ms.
  return () => connectSocket({ host: parsed.host, port: parsed.port, noDelay: true })
}

/** Takes `mqtt://HOST[:PORT]` apart. Throws configurationError for anything else. */
export function parseUrl(text: string): { readonly host: string; readonly port: number } {
  const wrong = (what: string) =>
    configurationError(`the broker's URL is '${text}': ${what}; expected mqtt://HOST:PORT`)
  let url: URL
  try {
    url = new URL(text)
  } catch (error) {
    throw wrong(systemCode(error) === 'ERR_INVALID_URL' ? 'that is no URL' : String(error))
  }
  if (url.protocol !== 'mqtt:') throw wrong(`'${url.protocol}' is not spoken here`)
  if (url.username !== '' || url.password !== '') throw wrong('user and password do not go into it')
  if (url.hostname === '') throw wrong('the host is missing')
  if (url.pathname.replace('/', '') !== '' || url.search !== '') throw wrong('nothing follows the port')
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 1883 : Number(url.port) }
}
