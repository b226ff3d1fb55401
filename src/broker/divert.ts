/** What becomes of a message that its sender may not publish, and of one that has been published already. */

/** Where diverted messages go: nobody may read it, and being of `$SYS` it is queued for no stored session. */
const REFUSED_TOPIC = '$SYS/refused'

interface Divertible {
  topic: string
  payload: string | Buffer
  retain: boolean
}

/**
 * Takes a message off the way on which aedes goes on with it.
 *
 * That makes a refused message harmless, where refusing it as aedes does would close the connection: MQTT 3.1.1 has no
 * negative PUBACK (3.3.5), so a publisher with one right too few would connect, publish and be cut without end. aedes
 * lets authorizePublish change the message, and goes on with it as with any other: QoS 1 gets its PUBACK, QoS 2 its
 * handshake, and the empty message goes where nobody reads. It is not retained there.
 */
export function divert(packet: Divertible): void {
  packet.topic = REFUSED_TOPIC
  packet.payload = Buffer.alloc(0)
  packet.retain = false
}
