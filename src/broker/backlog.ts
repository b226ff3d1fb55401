/** The limit on what waits for a client to read it. */
import type { Duplex } from 'node:stream'
import { PacketMeter } from './packet-limit.ts'
import type { Flow } from './traffic.ts'

/** What all connections of a broker share. */
export interface BacklogSettings {
  /** What is written is counted here. */
  readonly flow: Flow
  readonly bytesMax: number
}

/** Whom the limit is about. */
export interface BacklogOwner {
  readonly stream: Duplex
  /** Called when more than the limit waits. */
  onBacklog(): void
}

/** What the broker writes is not limited here, but counted. */
const NO_BOUNDS = { bytesMax: Number.POSITIVE_INFINITY, publishesMax: Number.POSITIVE_INFINITY }

/** A longer piece goes out as it is: copying it would cost more than it saves, bytes. */
const JOINED_BYTES_MAX = 4096

type Written = (error?: Error | null) => void

/**
 * Calls `onBacklog` as soon as more than `bytesMax` wait in a stream, and tells its writer at all times to go on.
 *
 * aedes takes a full stream for a reason to wait, and what waits is the connection that published: nothing more is
 * read from it until every subscriber has room. So one viewer that froze would silence the controller and all lights
 * that it looks at, for as long as it is left connected. Here nobody waits for anybody: who does not read is cut.
 */
export function limitBacklog(owner: BacklogOwner, settings: BacklogSettings): void {
  new Outflow(owner, settings)
}

/**
 * Stands in the stream's own `write`, `uncork` and `end`. A packet is written in four or five pieces between a cork and an
 * uncork; they leave as one, with those of other packets of that moment: each of them that is handed on costs a pass
 * through the stream.
 */
class Outflow {
  readonly #owner: BacklogOwner
  readonly #bytesMax: number
  readonly #meter: PacketMeter
  readonly #write: Duplex['write']
  readonly #uncork: Duplex['uncork']
  /** Written while the stream is corked, and not handed on. */
  #pieces: Uint8Array[] = []

  constructor(owner: BacklogOwner, { flow, bytesMax }: BacklogSettings) {
    const { stream } = owner
    this.#owner = owner
    this.#bytesMax = bytesMax
    this.#meter = new PacketMeter(flow)
    this.#write = stream.write
    this.#uncork = stream.uncork
    stream.write = (chunk: unknown, encoding?: BufferEncoding | Written, written?: Written) =>
      typeof encoding === 'function' ? this.#take(chunk, 'utf8', encoding) : this.#take(chunk, encoding, written)
    stream.uncork = () => {
      if (stream.writableCorked === 1) this.#flush()
      this.#uncork.call(stream)
    }
    // Its last words do not come by `write`.
    const { end } = stream
    stream.end = (...parts: readonly unknown[]) => {
      this.#flush()
      return Reflect.apply(end, stream, parts)
    }
  }

  #take(chunk: unknown, encoding: BufferEncoding | undefined, written: Written | undefined): boolean {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    const { stream } = this.#owner
    const isJoined = piece instanceof Uint8Array && piece.length <= JOINED_BYTES_MAX && written === undefined
    if (isJoined && stream.writableCorked > 0) {
      this.#pieces.push(piece)
      return true
    }
    this.#flush()
    this.#handOn(piece, written)
    return true
  }

  #flush(): void {
    const pieces = this.#pieces
    if (pieces.length === 0) return
    this.#pieces = []
    const [only] = pieces
    this.#handOn(pieces.length === 1 ? only : Buffer.concat(pieces))
  }

  #handOn(piece: unknown, written?: Written): void {
    const { stream } = this.#owner
    if (piece instanceof Uint8Array) this.#meter.take(piece, NO_BOUNDS)
    Reflect.apply(this.#write, stream, [piece, undefined, written])
    if (stream.writableLength > this.#bytesMax) this.#owner.onBacklog()
  }
}
