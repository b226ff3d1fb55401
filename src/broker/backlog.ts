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

/**
 * Calls `onBacklog` as soon as more than `bytesMax` wait in a stream, and tells its writer at all times to go on.
 *
 * aedes takes a full stream for a reason to wait, and what waits is the connection that published: nothing more is
 * read from it until every subscriber has room. So one viewer that froze would silence the controller and all lights
 * that it looks at, for as long as it is left connected. Here nobody waits for anybody: who does not read is cut.
 */
export function limitBacklog(owner: BacklogOwner, { flow, bytesMax }: BacklogSettings): void {
  const meter = new PacketMeter(flow)
  const { stream } = owner
  const { write } = stream
  stream.write = (...parts: readonly unknown[]): boolean => {
    const [chunk] = parts
    if (chunk instanceof Uint8Array) meter.take(chunk, NO_BOUNDS)
    // Topics are written as text, and no packet begins with one.
    else if (typeof chunk === 'string') meter.skip(Buffer.byteLength(chunk))
    Reflect.apply(write, stream, parts)
    if (stream.writableLength > bytesMax) owner.onBacklog()
    return true
  }
}
