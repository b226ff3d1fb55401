/**
 * The limit on the size of a packet. aedes has none: its parser collects whatever length a packet announces, and does
 * so before log-in too. The length stands in the first bytes, so a packet that is too long is known before it comes.
 */
import type { Flow } from './traffic.ts'

/** Bytes of the remaining length. Source: MQTT 3.1.1, 2.2.3. */
const LENGTH_BYTES_MAX = 4

/** The type byte of a packet, and its length. Source: MQTT 3.1.1, 2.2. */
export const FIXED_HEADER_BYTES_MAX = 1 + LENGTH_BYTES_MAX

/** The type of a PUBLISH, in the upper half of its first byte. Source: MQTT 3.1.1, 2.2.1. */
const PUBLISH = 3

/** How much of a chunk may pass. */
export interface Bounds {
  /** The longest packet, without its fixed header. */
  readonly bytesMax: number
  /** PUBLISH packets that may begin. */
  readonly publishesMax: number
}

/** Follows where packets begin in a stream of bytes, and counts them into a flow. */
export class PacketMeter {
  readonly #flow: Flow
  /** Bytes left of the packet under way. */
  #left = 0
  /** Bytes read of the length under way; null where the next byte is the first of a packet. */
  #lengthBytes: number | null = null
  #length = 0

  constructor(flow: Flow) {
    this.#flow = flow
  }

  /**
   * Takes `chunk` up to where one PUBLISH too many would begin, and gives how many bytes that is: the rest is to be
   * shown again. Null where a packet that is too long, or has no sound length, begins within it.
   */
  take(chunk: Uint8Array, { bytesMax, publishesMax }: Bounds): number | null {
    const flow = this.#flow
    const lastPublish = flow.publishes + publishesMax
    let at = 0
    while (at < chunk.length) {
      const skipped = Math.min(this.#left, chunk.length - at)
      this.#left -= skipped
      at += skipped
      const byte = chunk[at]
      if (byte === undefined) break
      if (this.#lengthBytes === null && byte >> 4 === PUBLISH && flow.publishes + 1 > lastPublish) break
      at += 1
      if (!this.#isSound(byte, bytesMax)) return null
    }
    flow.bytes += at
    return at
  }

  /** Takes one byte of a fixed header. */
  #isSound(byte: number, bytesMax: number): boolean {
    if (this.#lengthBytes === null) {
      this.#lengthBytes = 0
      this.#length = 0
      this.#flow.packets += 1
      if (byte >> 4 === PUBLISH) this.#flow.publishes += 1
      return true
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes
    this.#lengthBytes += 1
    const isLast = byte < 0x80
    if (isLast) {
      this.#left = this.#length
      this.#lengthBytes = null
    }
    return this.#length <= bytesMax && (isLast || (this.#lengthBytes ?? 0) < LENGTH_BYTES_MAX)
  }
}
