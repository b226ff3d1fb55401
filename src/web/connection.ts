/** The page's connection to the broker: one attempt, from its start to its end. The one place here that knows `mqtt`. */
import mqtt from 'mqtt'

export interface ConnectionOptions {
  /** `ws://…/mqtt` */
  readonly url: string
  readonly clientId: string
  readonly username: string
  readonly password: string
  /** What the page is about; without the right to read it the connection is of no use. */
  readonly subscription: string
  /** What else it reads where it may. */
  readonly besides: readonly string[]
  /** Granted to those alone who may act, and so read what is in `forOperators`. */
  readonly question: string
  readonly forOperators: readonly string[]
}

export type Ending =
  /** The broker does not let this user in. */
  | 'refused'
  /** It does, but not for this crossing. */
  | 'denied'
  /** The broker cannot be reached, or has closed the connection. */
  | 'lost'

export interface ConnectionListener {
  /** Subscribed; with whether this user may act. */
  up(isOperator: boolean): void
  /** Once, and the last call. */
  down(ending: Ending): void
  message(topic: string, payload: Uint8Array): void
}

export interface Connection {
  readonly publish: (topic: string, payload: string, options: { readonly retain: boolean }) => void
  /** Ends it without a word to the listener. */
  readonly close: () => void
}

/** A browser slows the timers of a page that nobody looks at down to one call a minute, s. */
const KEEPALIVE_S = 90

/** From its start to the broker's answer, ms. */
const CONNECT_MS_MAX = 8000

/** CONNACK return codes of who is not let in. Source: MQTT 3.1.1, 3.2.2.3. */
const REFUSED = [4, 5]

/** Of a SUBACK. Source: MQTT 3.1.1, 3.9.3. */
const SUBACK_FAILURE = 0x80

/**
 * A socket that drops what is sent once it closes: there is nobody to read it, and a browser reports it as an error. mqtt
 * learns of the end only when all that came before it was answered.
 */
class ClosingSocket extends WebSocket {
  override send(data: Parameters<WebSocket['send']>[0]): void {
    if (this.readyState === WebSocket.OPEN) super.send(data)
  }
}

export function openConnection(options: ConnectionOptions, listener: ConnectionListener): Connection {
  const { url, clientId, username, password, subscription, besides, question, forOperators } = options
  const client = mqtt.connect(url, {
    clientId,
    username,
    password,
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS_MAX,
    reconnectPeriod: 0,
    queueQoSZero: false,
    // The other kind runs in a worker made of a Blob, which the page's policy does not allow.
    timerVariant: 'native',
    createWebsocket: (to, protocols) => new ClosingSocket(to, protocols),
  })
  let ended = false
  const end = (ending: Ending | null): void => {
    if (ended) return
    ended = true
    client.end(true)
    if (ending !== null) listener.down(ending)
  }
  client.on('error', (error) => end('code' in error && REFUSED.includes(Number(error.code)) ? 'refused' : 'lost'))
  client.on('close', () => end('lost'))
  client.on('message', (topic, payload) => {
    if (!ended) listener.message(topic, payload)
  })
  const subscribe = (filter: string, answered: (isGranted: boolean) => void = () => {}): void => {
    client.subscribe(filter, { qos: 1 }, (error, granted) =>
      answered(error === null && granted?.every(({ qos }) => qos < SUBACK_FAILURE) !== false),
    )
  }
  client.on('connect', () => {
    for (const filter of besides) subscribe(filter)
    subscribe(question, (isOperator) => {
      if (isOperator) for (const filter of forOperators) subscribe(filter)
      subscribe(subscription, (isGranted) => {
        if (!isGranted) end('denied')
        else if (!ended) listener.up(isOperator)
      })
    })
  })
  return {
    publish: (topic, payload, { retain }) => void client.publish(topic, payload, { qos: 1, retain }),
    close: () => end(null),
  }
}
