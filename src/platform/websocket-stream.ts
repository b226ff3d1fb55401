/** A WebSocket as the stream of bytes that MQTT is spoken over, on either side. */
import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'

type Done = (error?: Error | null) => void

/** Close codes. Source: RFC 6455, 7.4.1. */
const NORMAL = 1000
const UNSUPPORTED_DATA = 1003

/** Makes a stream of an open or opening WebSocket, with backpressure both ways; each ends with the other. */
export const webSocketStream = (webSocket: WebSocket): Duplex => new WebSocketStream(webSocket)

/**
 * The one that comes with `ws` sends each write as a frame of its own, and a packet of MQTT is several writes: this one
 * sends what was written together as one.
 */
class WebSocketStream extends Duplex {
  readonly #webSocket: WebSocket
  #opened: Done = () => {}

  constructor(webSocket: WebSocket) {
    // As of a socket: once the other side has ended there is nobody left to write to.
    super({ allowHalfOpen: false })
    this.#webSocket = webSocket
    webSocket.on('open', () => this.#opened())
    webSocket.on('message', (data, isBinary) => this.#take(data, isBinary))
    webSocket.on('error', (error) => this.destroy(error))
    webSocket.on('close', () => {
      this.#opened()
      if (!this.destroyed) this.push(null)
    })
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
