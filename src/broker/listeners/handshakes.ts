/**
 * Sockets that are no connection of MQTT yet: within a TLS handshake, or speaking HTTP. They cost what a connection
 * costs that has not logged in, so the same bounds hold for them.
 */
import type { Socket } from 'node:net'
import type { BrokerLimits } from '../limits.ts'

export type HandshakeLimits = Pick<BrokerLimits, 'pendingMax' | 'pendingPerAddressMax'>

export class Handshakes {
  readonly #limits: HandshakeLimits
  readonly #onExcess: (fields: { readonly address: string; readonly reason: string }) => void
  /** By both ends of the connection: the socket inside a TLS one cannot be told from that otherwise. */
  readonly #sockets = new Map<string, Socket>()
  readonly #perAddress = new Map<string, number>()

  /** `onExcess` is told of each socket that was refused. */
  constructor(limits: HandshakeLimits, onExcess: (fields: { address: string; reason: string }) => void) {
    this.#limits = limits
    this.#onExcess = onExcess
  }

  /** Gives a new socket a place until it closes or is released; without one it is destroyed. */
  add(socket: Socket): void {
    const ends = endsOf(socket)
    const address = socket.remoteAddress ?? 'unknown'
    const fromAddress = this.#perAddress.get(address) ?? 0
    const reason = this.#reasonAgainst(fromAddress)
    if (reason !== null) {
      socket.destroy()
      return this.#onExcess({ address, reason })
    }
    this.#sockets.set(ends, socket)
    this.#perAddress.set(address, fromAddress + 1)
    socket.once('close', () => this.#remove(ends, socket, address))
  }

  #reasonAgainst(fromAddress: number): string | null {
    const { pendingMax, pendingPerAddressMax } = this.#limits
    if (this.#sockets.size >= pendingMax) return `${pendingMax} connections wait for a handshake`
    if (fromAddress >= pendingPerAddressMax) return `${pendingPerAddressMax} of this address wait for a handshake`
    return null
  }

  /** `socket`, or the one inside it, has become a connection, which is counted elsewhere. */
  release(socket: Socket): void {
    const held = this.#sockets.get(endsOf(socket))
    if (held !== undefined) this.#remove(endsOf(held), held, held.remoteAddress ?? 'unknown')
  }

  destroyAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
  }

  #remove(ends: string, socket: Socket, address: string): void {
    if (this.#sockets.get(ends) !== socket) return
    this.#sockets.delete(ends)
    const left = (this.#perAddress.get(address) ?? 1) - 1
    if (left === 0) this.#perAddress.delete(address)
    else this.#perAddress.set(address, left)
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress}:${remotePort} ${localAddress}:${localPort}`
