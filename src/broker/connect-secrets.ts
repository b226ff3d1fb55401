/** The passwords of CONNECT packets, which are to be gone as soon as they were checked. */

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

  /** The log-in of `client` is decided: erases its password. */
  forget(client: object): void {
    const packet = this.#packets.get(client)
    this.#packets.delete(client)
    if (packet?.password === undefined) return
    packet.password.fill(0)
    packet.password = NO_PASSWORD
  }
}
