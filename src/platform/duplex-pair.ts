/**
 * Two streams, each the other's far end: a connection within one process. Node has `duplexPair` of its own only from
 * late 20 on, and that one does not pass on that an end was destroyed.
 */
import { Duplex } from 'node:stream'

/**
 * Makes a connection. What one end writes the other reads, with backpressure; an end that ends or is destroyed ends
 * the other once that has read what was written before, and one destroyed with an error breaks it with ECONNRESET.
 */
export function duplexPair(): [Duplex, Duplex] {
  const a = new End()
  const b = new End()
  a.join(b)
  b.join(a)
  return [a, b]
}

type Done = (error?: Error | null) => void

const nothing = (): void => {}

class End extends Duplex {
  #peer: End | null = null
  /** Lets the peer's write finish, when this end has room again. */
  #onRoom: Done = nothing

  constructor() {
    // As of a socket: once the other side has ended there is nobody left to write to.
    super({ allowHalfOpen: false })
  }

  join(peer: End): void {
    this.#peer = peer
  }

  override _read(): void {
    this.#letPeerWrite()
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: Done): void {
    const peer = this.#peer
    if (peer === null || peer.destroyed) done(connectionReset())
    else peer.#receive(chunk, done)
  }

  override _final(done: Done): void {
    this.#peer?.push(null)
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    const peer = this.#peer
    this.#peer = null
    this.#letPeerWrite(connectionReset())
    if (error !== null) peer?.destroy(connectionReset())
    else if (peer !== null && !peer.destroyed && !peer.readableEnded) peer.push(null)
    done(error)
  }

  #receive(chunk: unknown, done: Done): void {
    if (this.push(chunk)) done()
    else this.#onRoom = done
  }

  #letPeerWrite(error?: Error): void {
    const done = this.#onRoom
    this.#onRoom = nothing
    done(error)
  }
}

const connectionReset = (): Error =>
  Object.assign(new Error('the other end of the connection is gone'), { code: 'ECONNRESET' })
