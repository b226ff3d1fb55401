/** MQTT over WebSocket, on the HTTP port. */
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { webSocketStream } from '../../platform/websocket-stream.ts'
import type { BrokerLimits } from '../limits.ts'
import { FIXED_HEADER_BYTES_MAX } from '../packet-limit.ts'
import type { Handshakes } from './handshakes.ts'
import { refuseUpgrade, type Upgrade } from './http.ts'
import { addressOf, type OnConnection } from './tcp.ts'

/** Where a WebSocket of MQTT is opened. */
export const MQTT_PATH = '/mqtt'

/** Source: MQTT 3.1.1, [MQTT-6.0.0-3]. */
const SUBPROTOCOL = 'mqtt'

export interface WebSocketDependencies {
  readonly limits: Pick<BrokerLimits, 'connectBytesMax'>
  /** Origins of pages that may connect besides those from this port: `https://panel.example`. */
  readonly origins: readonly string[]
  readonly handshakes: Handshakes
  readonly onConnection: OnConnection
}

export function mqttUpgrade({ limits, origins, handshakes, onConnection }: WebSocketDependencies): Upgrade {
  // Loaded by who uses it alone.
  const { WebSocketServer }: typeof import('ws') = createRequire(import.meta.url)('ws')
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Packets here are small: compressing them costs memory per connection and gains nothing.
    perMessageDeflate: false,
    // Until it has logged in.
    maxPayload: limits.connectBytesMax + FIXED_HEADER_BYTES_MAX,
    handleProtocols: () => SUBPROTOCOL,
  })
  return (request, socket, head) => {
    if (!offers(request, SUBPROTOCOL)) return refuseUpgrade(socket, 400, `the subprotocol '${SUBPROTOCOL}' is missing`)
    if (!isFromPermittedPage(request, origins)) return refuseUpgrade(socket, 403, 'this page may not connect')
    server.handleUpgrade(request, socket, head, (webSocket) => {
      handshakes.release(request.socket)
      onConnection(webSocketStream(webSocket), addressOf(request.socket))
    })
  }
}

const offers = ({ headers }: IncomingMessage, subprotocol: string): boolean =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === subprotocol)

/**
 * A browser lets any page of the world open a WebSocket to a machine at home, and names the page in `Origin`. There is
 * no cookie that would log it in, but it could guess passwords from within: so only pages that came from this very port
 * may connect, and those that were named. What is no browser sends no `Origin`.
 */
function isFromPermittedPage({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
