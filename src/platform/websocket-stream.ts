/** A WebSocket as the stream of bytes that MQTT is spoken over, on either side. */
import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { assert, systemCode } from './errors.ts'

type Done = (error?: Error | null) => void

/** Close codes. Source: RFC 6455, 7.4.1. */
const NORMAL = 1000
const UNSUPPORTED_DATA = 1003

/** Makes a stream of an open or opening WebSocket, with backpressure both ways; each ends with the other. */
export const webSocketStream = (webSocket: WebSocket): Duplex => new WebSocketStream(webSocket)

/**
 * From now on a longer message, which `stream` is told of by its first bytes, is not taken: it calls `onOversize` and ends
 * the stream. `bytesMax` holds for a stream that is a WebSocket; others have no messages.
 */
export function limitMessages(stream: Duplex, bytesMax: number, onOversize: () => void): void {
  if (stream instanceof WebSocketStream) stream.limitMessages(bytesMax, onOversize)
}

/** Of the error with which `ws` refuses a message. */
const OVERSIZE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'

/**
 * The one that comes with `ws` sends each write as a frame of its own, and a packet of MQTT is several writes: this one
 * sends what was written together as one.
 */
class WebSocketStream extends Duplex {
  readonly #webSocket: WebSocket
  #opened: Done = () => {}
  #onOversize = (): void => {}

  constructor(webSocket: WebSocket) {
    // As of a socket: once the other side has ended there is nobody left to write to.
    super({ allowHalfOpen: false })
    this.#webSocket = webSocket
    webSocket.on('open', () => this.#opened())
    webSocket.on('message', (data, isBinary) => this.#take(data, isBinary))
    webSocket.on('error', (error) => {
      if (systemCode(error) === OVERSIZE) this.#onOversize()
      this.destroy(error)
    })
    webSocket.on('close', () => {
      this.#opened()
      if (!this.destroyed) this.push(null)
    })
  }

  limitMessages(bytesMax: number, onOversize: () => void): void {
    const receiver: unknown = Reflect.get(this.#webSocket, '_receiver')
    const isKnown = typeof receiver === 'object' && receiver !== null && '_maxPayload' in receiver
    assert(isKnown, 'an open WebSocket keeps its limit there, as in version 8 of ws')
    Reflect.set(receiver, '_maxPayload', bytesMax)
    this.#onOversize = onOversize
  }

  override _construct(done: Done): void {
    // The first call of a stream comes a turn after its making: by then it may be open, or gone.
    if (this.#webSocket.readyState !== this.#webSocket.CONNECTING) return done()
    this.#opened = (error) => {
      this.#opened = () => {}
      done(error)
    }
  }

  #take(data: RawData, isBinary: boolean): void {
    // Source: MQTT 3.1.1, [MQTT-6.0.0-1].
    if (!isBinary || !Buffer.isBuffer(data)) this.#webSocket.close(UNSUPPORTED_DATA)
    else if (!this.push(data)) this.#webSocket.pause()
  }

  override _read(): void {
    if (this.#webSocket.isPaused) this.#webSocket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#webSocket.send(chunk, done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#webSocket.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: Done): void {
    this.#webSocket.close(NORMAL)
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    // One that is still opening tells of its end as an error, which is nobody's concern any more.
    this.#webSocket.on('error', () => {})
    this.#webSocket.terminate()
    done(error)
  }
}
