/** The limits on what is read from a client: the size of its packets, and how many messages a second it publishes. */
import type { Duplex } from 'node:stream'
import type { Clock } from '../platform/clock.ts'
import { PacketMeter } from './packet-limit.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Flow } from './traffic.ts'
import type { Turn } from './turn.ts'

/** While a client is read more slowly: between two portions, ms. Each of them also tells aedes that the client lives. */
const PORTION_MS = 100

/** What all connections of a broker share. */
export interface InflowSettings {
  /** What is read is counted here. */
  readonly flow: Flow
  readonly turn: Turn
  readonly clock: Clock
  readonly publishesPerSecondMax: number
}

/** Whom the limits are about. */
export interface InflowOwner {
  readonly stream: Duplex
  /** The longest packet at this moment. */
  readonly bytesMax: number
  /** Called instead of handing over a chunk in which a packet begins that is too long. */
  onOversize(): void
  /** Called each time that a message has to wait. */
  onFlood(): void
}

/**
 * Measures what is read from a stream before its reader sees it. It stands in the stream's own `read`: aedes takes its
 * bytes with that alone, and another stream in between would cost every message a turn of the event loop and every
 * connection memory.
 *
 * Who publishes too fast is not cut but read more slowly: what was read already is handed over in portions, and nothing
 * more is read meanwhile, so that the network holds the sender up. That keeps one chunk here and no more.
 */
export class Inflow {
  readonly #owner: InflowOwner
  readonly #settings: InflowSettings
  readonly #read: Duplex['read']
  readonly #meter: PacketMeter
  readonly #bucket: TokenBucket
  /** Read from the stream and not handed over yet. */
  #held: Uint8Array | null = null
  /** Ends the pause; null where there is none. */
  #cancelPause: (() => void) | null = null

  constructor(owner: InflowOwner, settings: InflowSettings) {
    this.#owner = owner
    this.#settings = settings
    this.#read = owner.stream.read
    this.#meter = new PacketMeter(settings.flow)
    this.#bucket = new TokenBucket(settings.publishesPerSecondMax, settings.clock)
    owner.stream.read = (size) => this.#take(size)
  }

  /** Ends a pause for good. */
  close(): void {
    this.#settings.turn.forget(this.#again)
    this.#held = null
    this.#cancelPause?.()
    this.#cancelPause = null
  }

  #take(size: number | undefined): unknown {
    // Who asks for nothing wants to know whether the stream has ended.
    if (size === 0) return this.#read.call(this.#owner.stream, 0)
    if (this.#cancelPause !== null || !this.#settings.turn.admits(this.#again)) return null
    const chunk: unknown = this.#held ?? this.#read.call(this.#owner.stream, size)
    this.#held = null
    return chunk instanceof Uint8Array ? this.#permitted(chunk) : chunk
  }

  /** As much of `chunk` as may be handed over now; null for nothing. */
  #permitted(chunk: Uint8Array): Uint8Array | null {
    const { flow } = this.#settings
    const before = flow.publishes
    const bounds = { bytesMax: this.#owner.bytesMax, publishesMax: this.#bucket.available() }
    const taken = this.#meter.take(chunk, bounds)
    this.#bucket.take(flow.publishes - before)
    this.#settings.turn.took(flow.publishes - before)
    if (taken === null) {
      this.#owner.onOversize()
      return null
    }
    if (taken === chunk.length) return chunk
    this.#held = chunk.subarray(taken)
    this.#pause()
    this.#owner.onFlood()
    return taken === 0 ? null : chunk.subarray(0, taken)
  }

  #pause(): void {
    this.#cancelPause = this.#settings.clock.after(Math.max(PORTION_MS, this.#bucket.nextMs), () => {
      this.#cancelPause = null
      this.#again()
    })
  }

  /** As the stream itself says it when there is more: its reader then asks. */
  readonly #again = (): void => void this.#owner.stream.emit('readable')
}
