/** How a client comes by a stream to its broker. */
import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { configurationError } from '../../platform/errors.ts'

/** Makes a new stream to the broker, connected or connecting. */
export type Network = () => Duplex

/** TCP to the broker at `url`. Throws configurationError where that is none to use. */
export function tcpNetwork(url: string): Network {
  const parsed = parseUrl(url)
  // mqtt.js leaves Nagle's algorithm on, which holds small messages back for up to 40 ms.
  return () => connectSocket({ host: parsed.host, port: parsed.port, noDelay: true })
}

/** Takes `mqtt://HOST[:PORT]` apart. Throws configurationError for anything else. */
export function parseUrl(text: string): { readonly host: string; readonly port: number } {
  // Whoever wrote a password into it must not find it in the log too.
  const shown = text.replace(/\/\/.*@/s, '//...@')
  const wrong = (what: string) =>
    configurationError(`the broker's URL is '${shown}': ${what}; expected mqtt://HOST:PORT`)
  if (!URL.canParse(text)) throw wrong('that is no URL')
  const { protocol, username, password, hostname, port, pathname, search, hash } = new URL(text)
  if (protocol !== 'mqtt:') throw wrong(`'${protocol}' is not spoken here`)
  if (username !== '' || password !== '') throw wrong('user and password do not go into it')
  if (hostname === '') throw wrong('the host is missing')
  if (port === '0') throw wrong('nothing listens on port 0')
  if (pathname.replace('/', '') !== '' || search !== '' || hash !== '') throw wrong('nothing follows the port')
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 1883 : Number(port) }
}
