/** Where MQTT packets begin and end in a stream of bytes, so that whole ones can be lost. */

/** A packet, bytes: the longest that a light is sent is a plan, of 16 KiB at most. */
const PACKET_BYTES_MAX = 128 * 1024

/** Bytes of the remaining length. Source: MQTT 3.1.1, 2.2.3. */
const LENGTH_BYTES_MAX = 4

/** Source: MQTT 3.1.1, table 2.1. */
const CONNACK = 2
const PUBLISH = 3

export class PacketSplitter {
  #begun: Buffer = Buffer.alloc(0)

  /** Takes bytes as they come; gives the packets that are whole by now, or null where these are none. */
  take(chunk: Buffer): readonly Buffer[] | null {
    let rest = this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk])
    const packets: Buffer[] = []
    for (;;) {
      const length = packetBytes(rest)
      if (length === null) return null
      if (length > rest.length) {
        this.#begun = rest
        return packets
      }
      packets.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}

/** Whether a broker says with it that it lets a client in. Source: MQTT 3.1.1, 3.2. */
export const isWelcome = (packet: Buffer): boolean => (packet[0] ?? 0) >> 4 === CONNACK && packet[3] === 0

/** What a whole packet publishes with QoS 0; null for any other packet. Source: MQTT 3.1.1, 3.3.2. */
export function messageIn(packet: Buffer): { readonly topic: string; readonly payload: Buffer } | null {
  if (!mayBeLost(packet)) return null
  // The last byte of the remaining length is the first below 128.
  const topicAt = packet.findIndex((byte, index) => index > 0 && byte < 0x80) + 1
  if (packet.length < topicAt + 2) return null
  const payloadAt = topicAt + 2 + packet.readUInt16BE(topicAt)
  if (packet.length < payloadAt) return null
  return { topic: packet.toString('utf8', topicAt + 2, payloadAt), payload: packet.subarray(payloadAt) }
}

/** How long the packet at the start of `bytes` is: Infinity where that cannot be told yet, null where it is unsound. */
function packetBytes(bytes: Buffer): number | null {
  let length = 0
  for (let at = 1; at <= LENGTH_BYTES_MAX; at++) {
    const byte = bytes[at]
    if (byte === undefined) return Number.POSITIVE_INFINITY
    length += (byte & 0x7f) * 128 ** (at - 1)
    if (byte < 0x80) return 1 + at + length <= PACKET_BYTES_MAX ? 1 + at + length : null
  }
  return null
}

/** Whether it is a message that nobody acknowledges, so that losing it is what a network may do. Source: 3.3.1. */
export function mayBeLost(packet: Buffer): boolean {
  const header = packet[0] ?? 0
  return header >> 4 === PUBLISH && ((header >> 1) & 3) === 0
}
