/** The passwords of CONNECT packets, which nobody is to keep once they were checked. */

interface ConnectPacket {
  password?: Buffer
}

const NO_PASSWORD = Buffer.alloc(0)

/**
 * aedes's parser keeps the CONNECT of a client as long as its connection lasts, and so the password, and with it
 * whatever memory was read in the same turn.
 */
export class ConnectSecrets {
  readonly #packets = new WeakMap<object, ConnectPacket>()

  /** `client` sent `packet`. */
  keep(client: object, packet: ConnectPacket): void {
    this.#packets.set(client, packet)
  }

  /** The log-in of `client` is decided: its packet no longer holds the password. */
  forget(client: object): void {
    const packet = this.#packets.get(client)
    if (packet?.password !== undefined) packet.password = NO_PASSWORD
    this.#packets.delete(client)
  }
}
