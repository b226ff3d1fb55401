/** One connection with the limits around it. An object for each, without closures: there are ten thousand of them. */
import type { Duplex } from 'node:stream'
import type { Clock } from '../platform/clock.ts'
import { limitMessages } from '../platform/websocket-stream.ts'
import type { Connection } from './access.ts'
import type { Place } from './admission.ts'
import { type BacklogOwner, type BacklogSettings, limitBacklog } from './backlog.ts'
import { Inflow, type InflowOwner, type InflowSettings } from './inflow.ts'
import type { BrokerLimits } from './limits.ts'
import { FIXED_HEADER_BYTES_MAX } from './packet-limit.ts'

/** What all connections of a broker share. */
export interface GuardSettings {
  readonly limits: BrokerLimits
  readonly clock: Clock
  readonly inflow: InflowSettings
  readonly backlog: BacklogSettings
  /** The connection is over a limit that leaves nothing but to end it. */
  readonly cut: (connection: Connection, limit: keyof BrokerLimits, reason: string) => void
  /** The connection publishes too fast. */
  readonly onFlood: (connection: Connection) => void
}

const nothing = (): void => {}

export class Guarded implements InflowOwner, BacklogOwner {
  readonly connection: Connection
  readonly #place: Place
  readonly #settings: GuardSettings
  readonly #inflow: Inflow
  #cancelDeadline: () => void

  constructor(connection: Connection, place: Place, settings: GuardSettings) {
    this.connection = connection
    this.#place = place
    this.#settings = settings
    this.#inflow = new Inflow(this, settings.inflow)
    limitBacklog(this, settings.backlog)
    this.#limitMessages()
    this.#cancelDeadline = settings.clock.after(settings.limits.connectMsMax, () => {
      settings.cut(connection, 'connectMsMax', `no CONNECT within ${settings.limits.connectMsMax} ms`)
    })
  }

  get stream(): Duplex {
    return this.connection.stream
  }

  get bytesMax(): number {
    return this.#settings.limits[this.#sizeLimit]
  }

  onOversize(): void {
    this.#settings.cut(this.connection, this.#sizeLimit, `a packet over ${this.bytesMax} bytes`)
  }

  onBacklog(): void {
    this.#settings.cut(this.connection, 'backlogBytesMax', 'it does not read')
  }

  onFlood(): void {
    this.#settings.onFlood(this.connection)
  }

  /** Its CONNECT has come: there is no deadline any more. */
  connectCame(): void {
    this.#cancelDeadline()
    this.#cancelDeadline = nothing
  }

  /** It is logged in. */
  settle(): void {
    this.#place.settle()
    this.#limitMessages()
  }

  /** A WebSocket collects a message before any packet in it is seen. */
  #limitMessages(): void {
    limitMessages(this.stream, this.bytesMax + FIXED_HEADER_BYTES_MAX, () => this.onOversize())
  }

  /** It is closed. */
  leave(): void {
    this.connectCame()
    this.#inflow.close()
    this.#place.leave()
  }

  get #sizeLimit(): 'connectBytesMax' | 'packetBytesMax' {
    return this.connection.login === null ? 'connectBytesMax' : 'packetBytesMax'
  }
}
