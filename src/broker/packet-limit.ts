/**
 * The limit on the size of a packet. aedes has none: its parser collects whatever length a packet announces, and does
 * so before log-in too. The length stands in the first bytes, so a packet that is too long is known before it comes.
 */
import type { Duplex } from 'node:stream'

/** Bytes of the remaining length. Source: MQTT 3.1.1, 2.2.3. */
const LENGTH_BYTES_MAX = 4

/** Follows where packets begin in a stream of bytes. */
export class PacketMeter {
  /** Bytes left of the packet under way. */
  #left = 0
  /** Bytes read of the length under way; null where the next byte is the first of a packet. */
  #lengthBytes: number | null = null
  #length = 0

  /** Whether a packet that is longer than `bytesMax`, or has no sound length, begins within `chunk`. */
  exceeds(chunk: Uint8Array, bytesMax: number): boolean {
    let at = 0
    while (at < chunk.length) {
      const skipped = Math.min(this.#left, chunk.length - at)
      this.#left -= skipped
      at += skipped
      const byte = chunk[at]
      if (byte === undefined) return false
      at += 1
      if (!this.#isSound(byte, bytesMax)) return true
    }
    return false
  }

  /** Takes one byte of a fixed header. */
  #isSound(byte: number, bytesMax: number): boolean {
    if (this.#lengthBytes === null) {
      this.#lengthBytes = 0
      this.#length = 0
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

/**
 * Measures what is read from `stream` before its reader sees it, and calls `onExcess` instead of handing over a chunk
 * in which a packet over `bytesMax()` begins. It stands in the stream's own `read`: aedes takes its bytes with that
 * alone, and another stream in between would cost every message a turn of the event loop and every connection memory.
 */
export function limitPackets(stream: Duplex, bytesMax: () => number, onExcess: () => void): void {
  const meter = new PacketMeter()
  const read = stream.read.bind(stream)
  stream.read = (size?: number): unknown => {
    const chunk: unknown = read(size)
    if (!(chunk instanceof Uint8Array) || !meter.exceeds(chunk, bytesMax())) return chunk
    onExcess()
    return null
  }
}
