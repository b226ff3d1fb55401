/** How a client comes by a stream to its broker. */
import { createRequire } from 'node:module'
import { connect as connectTcp, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { configurationError } from '../../platform/errors.ts'
import { webSocketStream } from '../../platform/websocket-stream.ts'
import { readAuthorities } from './authorities.ts'

/** Makes a new stream to the broker, connected or connecting. */
export type Network = () => Duplex

/** The port of each scheme where the URL names none; plain and secure versions side by side. */
const SCHEMES = {
  'mqtt:': { port: 1883, isSecure: false },
  'mqtts:': { port: 8883, isSecure: true },
  'ws:': { port: 80, isSecure: false },
  'wss:': { port: 443, isSecure: true },
} as const

type Scheme = keyof typeof SCHEMES

const isScheme = (protocol: string): protocol is Scheme => Object.hasOwn(SCHEMES, protocol)

/** Where brokers speak MQTT over WebSocket, unless the URL says otherwise. */
const WEBSOCKET_PATH = '/mqtt'

/** Source: MQTT 3.1.1, [MQTT-6.0.0-3]. */
const SUBPROTOCOL = 'mqtt'

/** The largest WebSocket message that is taken, bytes: far more than any message of a crossing. */
const MESSAGE_BYTES_MAX = 1024 * 1024

/** What came before is broken. Source: RFC 8996. */
const OLDEST = 'TLSv1.2'

/**
 * Streams to the broker at `url`: TCP, TLS or WebSocket. `ca` is who is believed about the broker's certificate
 * (default: the authorities that Node comes with): PEM, or the path of a file with it, which is read now. Throws
 * configurationError where one of the two cannot be used.
 */
export function networkTo(url: string, ca?: string): Network {
  const { scheme, host, port, path } = parseUrl(url)
  const { isSecure } = SCHEMES[scheme]
  if (ca !== undefined && !isSecure) {
    const secure = scheme === 'ws:' ? 'wss://' : 'mqtts://'
    throw configurationError(`an authority (ca) is given, and ${url} speaks without TLS: expected ${secure}HOST:PORT`)
  }
  const trust = { minVersion: OLDEST, ...(ca !== undefined && { ca: readAuthorities(ca) }) } as const
  switch (scheme) {
    case 'mqtt:':
      // mqtt.js leaves Nagle's algorithm on, which holds small messages back for up to 40 ms.
      return () => connectTcp({ host, port, noDelay: true })
    case 'mqtts:':
      // A server is told by name which certificate is wanted, and an address is no name (RFC 6066, 3).
      return () => connectTls({ host, port, servername: isIP(host) === 0 ? host : '', ...trust }).setNoDelay(true)
    case 'ws:':
    case 'wss:': {
      const target = `${scheme}//${isIP(host) === 6 ? `[${host}]` : host}:${port}${path}`
      const options = { perMessageDeflate: false, maxPayload: MESSAGE_BYTES_MAX, ...trust }
      // Loaded by who uses it alone: it takes a tenth of what a light takes to start.
      const { WebSocket }: typeof import('ws') = createRequire(import.meta.url)('ws')
      return () => webSocketStream(new WebSocket(target, SUBPROTOCOL, options))
    }
  }
}

export interface BrokerUrl {
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
  /** Of a WebSocket, with its query; empty otherwise. */
  readonly path: string
}

/** Takes a broker's URL apart. Throws configurationError for anything else. */
export function parseUrl(text: string): BrokerUrl {
  // Whoever wrote a password into it must not find it in the log too.
  const shown = text.replace(/\/\/.*@/s, '//...@')
  const wrong = (what: string) =>
    configurationError(`the broker's URL is '${shown}': ${what}; expected mqtt://HOST:PORT, mqtts://, ws:// or wss://`)
  if (!URL.canParse(text)) throw wrong('that is no URL')
  const { protocol: scheme, username, password, hostname, port, pathname, search, hash } = new URL(text)
  if (!isScheme(scheme)) throw wrong(`'${scheme}' is not spoken here`)
  if (username !== '' || password !== '') throw wrong('user and password do not go into it')
  if (hostname === '') throw wrong('the host is missing')
  if (port === '0') throw wrong('nothing listens on port 0')
  if (hash !== '') throw wrong("nothing follows a '#'")
  const host = hostname.replace(/^\[|\]$/g, '')
  const given = { scheme, host, port: port === '' ? SCHEMES[scheme].port : Number(port) }
  if (scheme === 'ws:' || scheme === 'wss:') {
    return { ...given, path: `${pathname === '/' ? WEBSOCKET_PATH : pathname}${search}` }
  }
  if (pathname.replace('/', '') !== '' || search !== '') throw wrong('nothing follows the port')
  return { ...given, path: '' }
}
