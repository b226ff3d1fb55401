/**
 * The broker's conflict monitor, as it ships, fed with all that passes the simulated broker; and what is asked of it by
 * who sees the displays themselves: that it trips where two conflicting lights were long non-red together, and never
 * where they were not.
 */
import { Watch } from '../broker/interlock/watch.ts'
import { isNonRed } from '../protocol/aspect.ts'
import { parseTrip } from '../protocol/trip.ts'
import type { Sign } from './oracle.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import { loggerOf, type World } from './world.ts'

/** Source: NEMA TS 2. */
const NEVER_MISSED_MS = 450
const NEVER_TRIPPED_MS = 200

/** Until what happened has been reported, on a healthy network, heartbeats. */
const REPORTED_HEARTBEATS = 3

export class SimulatedMonitor {
  /** What it said when it tripped first; null while it has not. */
  trip: string | null = null
  readonly #world: World
  readonly #clock: SimulatedClock
  #watch: Watch
  /** When two conflicting lights began to be non-red together, by the names of both. */
  readonly #together = new Map<string, number>()
  #longestMs = 0

  /** Whether trips are judged: with liars about, a trip is right. */
  readonly #isJudged: boolean

  constructor(world: World, clock: SimulatedClock, isJudged: boolean) {
    this.#world = world
    this.#isJudged = isJudged
    this.#clock = clock
    this.#watch = this.#begin()
    const { oracle, network } = world
    const before = oracle.onPaint
    oracle.onPaint = (sign, aspect) => {
      before(sign, aspect)
      this.#painted(sign)
    }
    network.onPass = (topic, payload) => this.#watch.see(topic, payload)
    network.onRestart = () => {
      this.#watch = this.#begin()
    }
  }

  #begin(): Watch {
    const { crossing, ways, timeline } = this.#world
    const clock = {
      monotonicMs: () => this.#clock.monotonicMs(),
      wallMs: () => this.#clock.wallMs(),
      after: () => () => {},
    }
    const publish = (_topic: string, payload: string): void => {
      const trip = parseTrip(Buffer.from(payload))
      if (trip?.tripped === true) this.#tripped(trip.what, timeline.nowMs)
    }
    const logger = loggerOf(this.#world, 'monitor')
    const watch = new Watch({ crossings: [crossing], crossingsMax: 1 }, { clock, logger, publish, rules: ways.monitor })
    watch.start([])
    return watch
  }

  #tripped(what: string, nowMs: number): void {
    if (this.trip !== null) return
    this.trip = what
    const longestMs = Math.max(this.#longestMs, ...[...this.#together.values()].map((sinceMs) => nowMs - sinceMs))
    if (longestMs >= NEVER_TRIPPED_MS) return
    this.#report(`${what}, and it was for ${longestMs.toFixed(0)} ms`)
  }

  /** Called after each change of a display. */
  #painted(sign: Sign): void {
    for (const rival of sign.rivals) {
      const pair = [sign.name, rival.name].sort().join(' and ')
      const sinceMs = this.#together.get(pair)
      if (isNonRed(sign.aspect) && isNonRed(rival.aspect)) {
        if (sinceMs === undefined) this.#together.set(pair, this.#world.timeline.nowMs)
      } else if (sinceMs !== undefined) {
        this.#together.delete(pair)
        // A display that was frozen was not reported.
        const wasReported = !sign.wasExcused && !rival.wasExcused
        this.#wereTogether(pair, this.#world.timeline.nowMs - sinceMs, wasReported)
      }
    }
  }

  #wereTogether(pair: string, forMs: number, wasReported: boolean): void {
    this.#longestMs = Math.max(this.#longestMs, forMs)
    if (forMs <= NEVER_MISSED_MS || !wasReported) return
    const { timeline, crossing } = this.#world
    timeline.after(REPORTED_HEARTBEATS * crossing.constants.heartbeatMs, () => {
      if (this.trip === null) this.#report(`none, though ${pair} were non-red together for ${forMs.toFixed(0)} ms`)
    })
  }

  #report(text: string): void {
    if (this.#isJudged) this.#world.oracle.report('trip', text)
  }
}
