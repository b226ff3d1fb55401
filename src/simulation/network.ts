/**
 * The network between lights and controllers, with a broker in the middle: it loses, copies, reorders, delays, stalls
 * and then delivers, replays whatever was ever sent, cuts single ways, and loses everything when the broker restarts.
 */
import type { Command, Report } from '../protocol/wire.ts'
import type { SeededRandom } from './random.ts'
import type { Timeline } from './timeline.ts'

/** How well one connection to the broker works. */
export interface LinkQuality {
  /** Each way, ms. */
  readonly delayMs: readonly [number, number]
  /** Chance that a message is lost. */
  readonly loss: number
  /** Chance that it arrives twice or more. */
  readonly copies: number
  /** Chance that it takes a time of its own, up to `strayMsMax`. */
  readonly stray: number
  readonly strayMsMax: number
}

export const SOUND: LinkQuality = { delayMs: [1, 8], loss: 0, copies: 0, stray: 0, strayMsMax: 0 }

/** The connection of one light or controller to the broker. */
export interface Link {
  quality: LinkQuality
  isUp: boolean
  /** Holds what arrives, and delivers it in order when it goes on. */
  isStalled: boolean
  /** Loses all that it should carry to the broker, or from it. */
  isMute: boolean
  isDeaf: boolean
  /** What it carries to the broker is this much older than it should be, ms. */
  lateMs: number
  /** How often it was cut: what was under way then is lost. */
  cuts: number
  readonly held: (() => void)[]
}

export const newLink = (quality: LinkQuality): Link => ({
  quality,
  isUp: true,
  isStalled: false,
  isMute: false,
  isDeaf: false,
  lateMs: 0,
  cuts: 0,
  held: [],
})

export interface Receivers {
  command(light: number, command: Command): void
  report(controller: number, light: number, report: Report): void
}

type Message =
  | { readonly kind: 'command'; readonly light: number; readonly controller: number; readonly command: Command }
  | { readonly kind: 'report'; readonly light: number; readonly controller: number; readonly report: Report }

/** Messages kept for replays: a fair sample of all that were sent. */
const KEPT_MAX = 400

export class Network {
  readonly lights: readonly Link[]
  readonly controllers: readonly Link[]
  /** Messages sent, each copy to each controller counted. */
  sent = 0
  /** Ways that are cut, as `light>controller` and `controller>light` in numbers. */
  readonly blocked = new Set<string>()
  readonly #timeline: Timeline
  readonly #random: SeededRandom
  readonly #receivers: Receivers
  readonly #kept: Message[] = []
  #healedAtMs = Number.NEGATIVE_INFINITY

  constructor(
    parts: { timeline: Timeline; random: SeededRandom; receivers: Receivers; quality: LinkQuality },
    size: { lights: number; controllers: number },
  ) {
    this.#timeline = parts.timeline
    this.#random = parts.random
    this.#receivers = parts.receivers
    this.lights = Array.from({ length: size.lights }, () => newLink(parts.quality))
    this.controllers = Array.from({ length: size.controllers }, () => newLink(parts.quality))
  }

  sendReport(light: number, report: Report): void {
    for (let controller = 0; controller < this.controllers.length; controller++) {
      this.#send({ kind: 'report', light, controller, report })
    }
  }

  sendCommand(controller: number, light: number, command: Command): void {
    this.#send({ kind: 'command', light, controller, command })
  }

  /** Sends a message of the past once more. */
  replay(): void {
    if (this.#kept.length > 0) this.#deliver(this.#random.pick(this.#kept))
  }

  /** A report of before the episode: each controller may get it replayed. */
  remember(light: number, report: Report): void {
    for (let controller = 0; controller < this.controllers.length; controller++) {
      for (let i = 0; i < 5; i++) this.#kept.push({ kind: 'report', light, controller, report })
    }
  }

  stall(link: Link, ms: number): void {
    link.isStalled = true
    this.#timeline.after(ms, () => this.goOn(link))
  }

  /** Delivers what was held, in order. */
  goOn(link: Link): void {
    link.isStalled = false
    for (const arrive of link.held.splice(0)) arrive()
  }

  cut(link: Link): void {
    link.isUp = false
    link.isStalled = false
    link.cuts++
    link.held.length = 0
  }

  /** Every link is sound from now on, and nothing old arrives any more. */
  heal(): void {
    this.#healedAtMs = this.#timeline.nowMs
    this.blocked.clear()
    for (const link of [...this.lights, ...this.controllers]) {
      link.quality = SOUND
      link.isUp = true
      link.isMute = false
      link.isDeaf = false
      link.lateMs = 0
      this.goOn(link)
    }
  }

  #send(message: Message): void {
    this.sent++
    this.#keep(message)
    const light = this.lights[message.light]
    const controller = this.controllers[message.controller]
    if (light === undefined || controller === undefined) throw new RangeError('a message from or to nobody')
    const [from, to] = message.kind === 'report' ? [light, controller] : [controller, light]
    if (!from.isUp || from.isMute || to.isDeaf) return
    if (this.blocked.size > 0 && this.blocked.has(wayOf(message))) return
    this.#carry(message, from, to)
    while (this.#random.chance(Math.max(from.quality.copies, to.quality.copies))) this.#carry(message, from, to)
  }

  #carry(message: Message, from: Link, to: Link): void {
    const random = this.#random
    const delayMs = from.lateMs + this.#delayOf(from) + this.#delayOf(to)
    if (random.chance(from.quality.loss) || random.chance(to.quality.loss)) return
    const sentAtMs = this.#timeline.nowMs
    const cuts = from.cuts + to.cuts
    const arrive = (): void => {
      if (!to.isUp || from.cuts + to.cuts !== cuts) return
      if (sentAtMs < this.#healedAtMs && this.#timeline.nowMs > this.#healedAtMs + SETTLES_MS) return
      if (from.isStalled) from.held.push(arrive)
      else if (to.isStalled) to.held.push(arrive)
      else this.#deliver(message)
    }
    this.#timeline.after(delayMs, arrive)
  }

  #delayOf({ quality }: Link): number {
    const [min, max] = quality.delayMs
    const usual = this.#random.between(min, max)
    return quality.stray > 0 && this.#random.chance(quality.stray)
      ? usual + this.#random.between(0, quality.strayMsMax)
      : usual
  }

  #deliver(message: Message): void {
    if (message.kind === 'command') this.#receivers.command(message.light, message.command)
    else this.#receivers.report(message.controller, message.light, message.report)
  }

  #keep(message: Message): void {
    if (this.#kept.length < KEPT_MAX) this.#kept.push(message)
    else {
      const at = this.#random.whole(0, this.sent - 1)
      if (at < KEPT_MAX) this.#kept[at] = message
    }
  }
}

export const wayOf = ({
  kind,
  light,
  controller,
}: {
  kind: 'command' | 'report'
  light: number
  controller: number
}) => (kind === 'command' ? `${controller}>${light}` : `${light}<${controller}`)

/** What is under way when the network is healed arrives within this, or never, ms. */
const SETTLES_MS = 50
