/**
 * The network of one light, in the hands of the demo: a TCP proxy on loopback between the light and its broker, which
 * cuts, delays and loses on demand. It is always in the way, since a connection that runs cannot be put through one.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { type Random, unitInterval } from '../../platform/random.ts'
import { isWelcome, mayBeLost, PacketSplitter } from './packets.ts'

/** The network as it is now, for both ways of all of its connections. */
interface Weather {
  isCut: boolean
  delayMs: number
  /** Of the messages that may be lost, the share that is. */
  lossShare: number
}

interface Means {
  readonly clock: Clock
  readonly random: Random
  /** Told of each packet that was passed on, whichever way, between the broker and whom it let in. */
  readonly onCarried: (packet: Buffer) => void
}

interface Address {
  readonly host: string
  readonly port: number
}

/** Between two attempts to reach a broker that does not listen yet, ms. */
const RETRY_MS = 50

/** What may wait for a peer that does not read, bytes; then the connection ends. */
const BACKLOG_BYTES_MAX = 1024 * 1024

export class FaultyLink implements AsyncDisposable {
  readonly #broker: Address
  readonly #means: Means
  readonly #server: Server
  readonly #weather: Weather = { isCut: false, delayMs: 0, lossShare: 0 }
  readonly #sockets = new Set<Socket>()

  private constructor(broker: Address, means: Means) {
    this.#broker = broker
    this.#means = means
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  /** Listens on a free port of the broker's own address, whether or not the broker listens already. */
  static async open(broker: Address, means: Means): Promise<FaultyLink> {
    const link = new FaultyLink(broker, means)
    link.#server.listen({ host: broker.host, port: 0 })
    await once(link.#server, 'listening')
    return link
  }

  /** Where the light finds its broker. */
  get url(): string {
    const address = this.#server.address()
    return `mqtt://${this.#broker.host}:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  /** Ends all connections, and lets none through until it is joined again. */
  cut(): void {
    this.#weather.isCut = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  join(): void {
    this.#weather.isCut = false
  }

  /** What comes from now on takes this much longer, each way, ms. */
  delay(ms: number): void {
    this.#weather.delayMs = ms
  }

  /** From now on this share, 0 to 1, of what is sent with QoS 0 is lost, each way. */
  lose(share: number): void {
    this.#weather.lossShare = share
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    this.#follow(client)
    if (this.#weather.isCut) client.resetAndDestroy()
    else this.#reach(client)
  }

  /** Connects to the broker; where it does not listen yet, the light waits here and not in an attempt of its own. */
  #reach(client: Socket): void {
    const broker = connect({ ...this.#broker, noDelay: true })
    this.#follow(broker)
    const giveUp = (): void => void broker.destroy()
    client.once('close', giveUp)
    const retry = (): void => {
      client.off('close', giveUp)
      if (!client.destroyed) this.#means.clock.after(RETRY_MS, () => client.destroyed || this.#reach(client))
    }
    broker.once('close', retry)
    broker.once('connect', () => {
      broker.off('close', retry)
      client.off('close', giveUp)
      // Anybody on this machine may connect; who was not let in is not listened to.
      let isIn = false
      const hear = (packet: Buffer): void => {
        if (isIn) this.#means.onCarried(packet)
      }
      const hearBroker = (packet: Buffer): void => {
        isIn ||= isWelcome(packet)
        hear(packet)
      }
      carry(client, broker, this.#weather, { ...this.#means, onCarried: hear })
      carry(broker, client, this.#weather, { ...this.#means, onCarried: hearBroker })
    })
  }

  #follow(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }
}

/** Carries packets one way, in their order, each when it is due; and the end of `from`, which is the end of both. */
function carry(from: Socket, to: Socket, weather: Weather, { clock, random, onCarried }: Means): void {
  const splitter = new PacketSplitter()
  const waiting: { readonly packet: Buffer; readonly dueMs: number }[] = []
  let cancel = (): void => {}

  const deliver = (): void => {
    cancel()
    const now = clock.monotonicMs()
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (first.dueMs > now) {
        cancel = clock.after(first.dueMs - now, deliver)
        return
      }
      waiting.shift()
      if (!to.writable) continue
      to.write(first.packet)
      onCarried(first.packet)
    }
  }

  from.on('data', (chunk: Buffer) => {
    const packets = splitter.take(chunk)
    if (packets === null || to.writableLength > BACKLOG_BYTES_MAX) return void from.destroy()
    const dueMs = clock.monotonicMs() + weather.delayMs
    for (const packet of packets) {
      if (!(mayBeLost(packet) && unitInterval(random) < weather.lossShare)) waiting.push({ packet, dueMs })
    }
    deliver()
  })
  from.once('close', () => {
    cancel()
    to.destroySoon()
  })
}
