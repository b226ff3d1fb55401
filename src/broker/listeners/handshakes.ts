/**
 * Sockets that are no connection of MQTT yet: within a TLS handshake, or speaking HTTP. They cost what a connection
 * costs that has not logged in, so they have a place among those.
 */
import type { Socket } from 'node:net'
import type { Place } from '../admission.ts'
import { addressOf } from './tcp.ts'

/** Gives whoever comes from `address` a place among the pending connections; null where there is none. */
export type Reserve = (address: string) => Pick<Place, 'leave'> | null

export class Handshakes {
  readonly #reserve: Reserve
  /** By both ends of the connection: the socket inside a TLS one cannot be told from that otherwise. */
  readonly #held = new Map<string, { readonly socket: Socket; readonly place: Pick<Place, 'leave'> }>()

  constructor(reserve: Reserve) {
    this.#reserve = reserve
  }

  /** Gives a new socket a place until it closes or is released; without one it is destroyed. */
  add(socket: Socket): void {
    const place = this.#reserve(addressOf(socket))
    if (place === null) return void socket.destroy()
    const ends = endsOf(socket)
    this.#held.set(ends, { socket, place })
    socket.once('close', () => {
      if (this.#held.get(ends)?.socket === socket) this.#free(ends)
    })
  }

  /** `socket`, or the one inside it, has become a connection, which takes a place of its own now. */
  release(socket: Socket): void {
    this.#free(endsOf(socket))
  }

  destroyAll(): void {
    for (const { socket } of this.#held.values()) socket.destroy()
  }

  #free(ends: string): void {
    this.#held.get(ends)?.place.leave()
    this.#held.delete(ends)
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress}:${remotePort} ${localAddress}:${localPort}`
