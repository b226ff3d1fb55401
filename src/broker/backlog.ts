/** The limit on what waits for a client to read it. */
import type { Duplex } from 'node:stream'

/**
 * Calls `onExcess` as soon as more than `bytesMax` wait in `stream`, and tells its writer at all times to go on.
 *
 * aedes takes a full stream for a reason to wait, and what waits is the connection that published: nothing more is
 * read from it until every subscriber has room. So one viewer that froze would silence the controller and all lights
 * that it looks at, for as long as it is left connected. Here nobody waits for anybody: who does not read is cut.
 */
export function limitBacklog(stream: Duplex, bytesMax: number, onExcess: () => void): void {
  const write = stream.write
  stream.write = (...parts: readonly unknown[]): boolean => {
    Reflect.apply(write, stream, parts)
    if (stream.writableLength > bytesMax) onExcess()
    return true
  }
}
