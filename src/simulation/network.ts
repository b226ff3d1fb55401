/**
 * The network between lights and controllers, with a broker in the middle: it loses, copies, reorders, delays, stalls
 * and then delivers, replays whatever was ever sent, cuts single ways, and loses everything when the broker restarts.
 */
import type { Link as Port, PublishOptions } from '../clients/link/link.ts'
import type { OpenLink } from '../clients/link/mqtt-link.ts'
import { type Client, type Line, type LinkQuality, newLine, SOUND } from './line.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Timeline } from './timeline.ts'

interface Message {
  readonly from: Line
  readonly to: Line
  readonly topic: string
  readonly payload: Uint8Array
  /** With QoS 1 it is lost with a connection alone. */
  readonly qos: 0 | 1
}

/** Told of everything that is published, with the connection that it comes by. */
export type Watcher = (topic: string, payload: string, from: Line) => void

/** Messages kept for replays: a fair sample of all that were sent. */
const KEPT_MAX = 400

/** A connection is made within this, and one that ended is noticed by the broker within that, ms. */
const CONNECT_MS: readonly [number, number] = [1, 20]
const NOTICED_MS: readonly [number, number] = [0, 4500]

/** What is under way when the network is healed arrives within this, or never, ms. */
const SETTLES_MS = 50

export class Network {
  readonly lights: readonly Line[]
  readonly controllers: readonly Line[]
  /** Ways that are cut, by `wayOf`. */
  readonly blocked = new Set<string>()
  readonly watchers: Watcher[] = []
  /** Told of each message, and each copy, when it passes the broker. */
  onPass: (topic: string, payload: Uint8Array) => void = () => {}
  /** Told when the broker begins again. */
  onRestart: () => void = () => {}
  /** The newest retained message of each topic. */
  readonly retained = new Map<string, string>()
  readonly #timeline: Timeline
  readonly #random: SeededRandom
  readonly #kept: Message[] = []
  #keptOf = 0
  #healedAtMs = Number.NEGATIVE_INFINITY

  constructor(
    parts: { timeline: Timeline; random: SeededRandom; quality: LinkQuality },
    names: { lights: readonly string[]; controllers: readonly string[] },
  ) {
    this.#timeline = parts.timeline
    this.#random = parts.random
    this.lights = names.lights.map((name) => newLine(name, parts.quality))
    this.controllers = names.controllers.map((name) => newLine(name, parts.quality))
  }

  get lines(): readonly Line[] {
    return [...this.lights, ...this.controllers]
  }

  /** How a program in `process`, at the end of `line`, opens its link. */
  linkOf(line: Line, process: SimulatedProcess): OpenLink {
    return ({ subscriptions, will }, listener): Port => {
      const client: Client = {
        process,
        listener,
        filters: subscriptions.map(({ filter }) => filter),
        isConnected: false,
      }
      line.client = client
      process.onEnd(() => this.#lose(line, client))
      if (will !== undefined) line.will = { topic: will.topic, payload: will.payload }
      this.#connect(line)
      return {
        publish: (topic, payload, options) => {
          if (!process.isAlive || !client.isConnected) return false
          this.publish(line, topic, payload, options)
          return true
        },
        close: async () => this.#lose(line, client),
      }
    }
  }

  /** Sends to all who subscribed, each copy on a way of its own. */
  publish(from: Line, topic: string, payload: string, { qos = 0, retain = false }: PublishOptions = {}): void {
    for (const watch of this.watchers) watch(topic, payload, from)
    if (retain && !from.isMute) this.retained.set(topic, payload)
    const bytes = Buffer.from(payload)
    for (const to of this.#readersOf(topic)) this.#send({ from, to, topic, payload: bytes, qos })
  }

  /** Sends a message of the past once more. */
  replay(): void {
    if (this.#kept.length === 0) return
    const message = this.#random.pick(this.#kept)
    this.onPass(message.topic, message.payload)
    this.deliver(message)
  }

  /** A message of before the episode: whoever reads such may get it replayed. */
  remember(from: Line, topic: string, payload: string, copies: number): void {
    for (const to of this.controllers) {
      for (let i = 0; i < copies; i++) this.#kept.push({ from, to, topic, payload: Buffer.from(payload), qos: 0 })
    }
  }

  /** Hands a message over, whoever it is from. */
  deliver({ to, topic, payload }: Pick<Message, 'to' | 'topic' | 'payload'>): void {
    const { client } = to
    if (client?.isConnected === true) client.process.receive(() => client.listener.message(topic, payload))
  }

  stall(line: Line, ms: number): void {
    line.isStalled = true
    this.#timeline.after(ms, () => this.goOn(line))
  }

  /** Delivers what was held, in order. */
  goOn(line: Line): void {
    line.isStalled = false
    for (const arrive of line.held.splice(0)) arrive()
  }

  cut(line: Line): void {
    line.isUp = false
    line.isStalled = false
    line.cuts++
    line.held.length = 0
    const { client } = line
    if (client !== null) this.#disconnect(line, client)
  }

  up(line: Line): void {
    if (line.isUp) return
    line.isUp = true
    this.#connect(line)
  }

  /** The broker begins again, and knows nothing. */
  restart(): void {
    this.retained.clear()
    this.onRestart()
  }

  /** Every line is sound from now on, and nothing old arrives any more. */
  heal(): void {
    this.#healedAtMs = this.#timeline.nowMs
    this.blocked.clear()
    for (const line of this.lines) {
      line.quality = SOUND
      line.isMute = false
      line.isDeaf = false
      line.lateMs = 0
      this.up(line)
      this.goOn(line)
    }
  }

  #connect(line: Line): void {
    const { client, cuts } = line
    this.#timeline.after(this.#random.between(...CONNECT_MS), () => {
      if (client === null || client !== line.client || !line.isUp || line.cuts !== cuts || client.isConnected) return
      client.isConnected = true
      client.process.receive(() => client.listener.up())
      for (const [topic, payload] of this.retained) {
        if (matches(client, topic)) this.deliver({ to: line, topic, payload: Buffer.from(payload) })
      }
    })
  }

  /** Its process is gone, or has closed it. */
  #lose(line: Line, client: Client): void {
    if (client.isConnected) this.#disconnect(line, client)
    if (line.client === client) line.client = null
  }

  #disconnect(line: Line, client: Client): void {
    if (!client.isConnected) return
    client.isConnected = false
    client.process.receive(() => client.listener.down({ kind: 'lost', reason: 'the connection was lost' }))
    const { will } = line
    if (will === null) return
    this.#timeline.after(this.#random.between(...NOTICED_MS), () => {
      this.publish(line, will.topic, will.payload, { qos: 1, retain: true })
    })
  }

  #readersOf(topic: string): Line[] {
    return this.lines.filter(({ client }) => client?.isConnected === true && matches(client, topic))
  }

  #send(message: Message): void {
    const { from, to, qos } = message
    this.#keep(message)
    if (!from.isUp || from.isMute || to.isDeaf) return
    if (this.blocked.size > 0 && this.blocked.has(wayOf(from, to))) return
    this.#carry(message)
    if (qos === 1) return
    while (this.#random.chance(Math.max(from.quality.copies, to.quality.copies))) this.#carry(message)
  }

  #carry(message: Message): void {
    const random = this.#random
    const { from, to, qos } = message
    const upMs = from.lateMs + this.#delayOf(from)
    const sentAtMs = this.#timeline.nowMs
    const arrivesMs = sentAtMs + upMs + this.#delayOf(to)
    const isLostBefore = random.chance(from.quality.loss)
    const isLost = isLostBefore || random.chance(to.quality.loss)
    if (qos === 1 || !isLostBefore) this.#pass(message, upMs)
    if (isLost && qos === 0) return
    const cuts = from.cuts + to.cuts
    const arrive = (): void => {
      if (!to.isUp || from.cuts + to.cuts !== cuts) return
      if (sentAtMs < this.#healedAtMs && this.#timeline.nowMs > this.#healedAtMs + SETTLES_MS) return
      if (from.isStalled) from.held.push(arrive)
      else if (to.isStalled) to.held.push(arrive)
      else this.deliver(message)
    }
    this.#timeline.at(qos === 1 ? inOrder(message, arrivesMs) : arrivesMs, arrive)
  }

  /** It comes to the broker, whatever becomes of it then. */
  #pass({ from, topic, payload }: Message, upMs: number): void {
    const { cuts } = from
    const pass = (): void => {
      if (from.cuts !== cuts) return
      if (from.isStalled) from.held.push(pass)
      else this.onPass(topic, payload)
    }
    this.#timeline.after(upMs, pass)
  }

  #delayOf({ quality }: Line): number {
    const [min, max] = quality.delayMs
    const usual = this.#random.between(min, max)
    return quality.stray > 0 && this.#random.chance(quality.stray)
      ? usual + this.#random.between(0, quality.strayMsMax)
      : usual
  }

  #keep(message: Message): void {
    this.#keptOf++
    if (this.#kept.length < KEPT_MAX) this.#kept.push(message)
    else {
      const at = this.#random.whole(0, this.#keptOf - 1)
      if (at < KEPT_MAX) this.#kept[at] = message
    }
  }
}

/** With QoS 1 the message that arrives last is the one that is retained. Source: MQTT 3.1.1, 4.6. */
function inOrder({ to, topic }: Message, arrivesMs: number): number {
  const atMs = Math.max(arrivesMs, to.arrivals.get(topic) ?? 0)
  to.arrivals.set(topic, atMs)
  return atMs
}

/** Whether a client subscribed to `topic`: filters here have at most one `+`. */
const matches = ({ filters }: Client, topic: string): boolean =>
  filters.some((filter) => {
    const plus = filter.indexOf('+')
    if (plus < 0) return filter === topic
    return topic.startsWith(filter.slice(0, plus)) && topic.endsWith(filter.slice(plus + 1))
  })

/** The way of messages from one to the other, by which it is blocked. */
export const wayOf = (from: Line, to: Line): string => `${from.name}>${to.name}`
