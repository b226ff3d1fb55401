/**
 * A lamp's process on a simulated machine: what lamp-process.ts runs, with a pipe to the process that started it and a
 * display that the oracle looks at.
 */
import type { Display } from '../clients/display/display.ts'
import type { LampState } from '../clients/light/lamp.ts'
import type { FromLamp, ToLamp } from '../clients/light/lamp-channel.ts'
import { ENDED_WELL, type LampChild, type LampChildListener } from '../clients/light/lamp-child.ts'
import { type LampService, serveLamp } from '../clients/light/lamp-service.ts'
import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { type Aspect, aspectAt, isNonRed, lightTime } from '../protocol/aspect.ts'
import type { Report } from '../protocol/wire.ts'
import type { DisplayLock } from './display-lock.ts'
import type { Sign } from './oracle.ts'
import { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** A slow timer of a lamp is this late at most, ms. */
const SLOW_MS = 60
/** Through the pipe, ms; the same for all, since a pipe keeps their order. */
const PIPE_MS = 0.2
/** Messages that a pipe holds for a lamp that is stopped. Source: lamp-channel.ts, BACKLOG_BYTES_MAX. */
const PIPE_MAX = 200
/** A parent hears within this that its child has ended: at once where it ended it, else mostly at once, ms. */
const KILL_SEEN_MS = 5
const EXIT_SEEN_MS = [5, 5, 150]
/** Without a dead-man somebody comes along after this, ms. */
const UNWATCHED_MS = 5000

export interface LampParts {
  readonly world: World
  readonly sign: Sign
  readonly lock: DisplayLock
  /** Boots are drawn from it. */
  readonly random: Random
  /** The process that starts it, and what that hears of it. */
  readonly parent: SimulatedProcess
  readonly listener: LampChildListener
  /** A process takes this long to start, ms. */
  readonly startMs: number
}

export class SimulatedLamp implements LampChild {
  readonly process: SimulatedProcess
  readonly #parts: LampParts
  #service: LampService | null = null
  /** What was sent while the process was still starting. */
  readonly #early: ToLamp[] = []
  #boot: string | null = null
  #isEnding = false
  #wasKilled = false
  #hasEnded = false
  #reason = 'it was ended by SIGKILL'

  constructor(parts: LampParts) {
    const { world, sign, parent, startMs } = parts
    const { timeline } = world
    this.#parts = parts
    this.process = new SimulatedProcess({ world, clock: sign.clock, slowMs: SLOW_MS, inboxMax: PIPE_MAX })
    this.process.onEnd(() => this.#tellEnd())
    this.process.onTask = () => {
      if (this.#isEnding) timeline.settle()
    }
    parent.onEnd(() => this.process.receive(() => this.#endWhenRed()))
    timeline.after(startMs, () => this.process.receive(() => this.#begin()))
  }

  /** Whether the display is its own to paint. */
  get holdsDisplay(): boolean {
    const state = this.#service?.state ?? null
    return state !== null
  }

  get isOrphan(): boolean {
    return !this.#parts.parent.isAlive
  }

  send(message: ToLamp): void {
    this.#parts.world.timeline.after(PIPE_MS, () => this.process.receive(() => this.#obey(message)))
  }

  kill(): void {
    const { hasDeadMan, killsFirst } = this.#parts.world.ways.machine
    if (!hasDeadMan) return
    this.#wasKilled = true
    if (killsFirst) this.process.kill()
    else this.#tellEnd()
  }

  #begin(): void {
    const { world, sign, lock, random } = this.#parts
    if (this.isOrphan) return this.process.kill()
    this.#service = serveLamp({
      clock: this.#clock(),
      random,
      rules: world.ways.lamp,
      tell: (message) => this.#tell(message),
      holdDisplay: (options) => lock.hold(this, options),
      openDisplay: (): Display => ({ kind: 'simulated', show: ({ aspect }) => this.#paint(aspect), close() {} }),
      exit: () => {
        this.#reason = ENDED_WELL
        this.process.kill()
      },
    })
    world.tell?.(`${sign.name}: a lamp starts`)
    for (const message of this.#early.splice(0)) this.#obey(message)
  }

  #obey(message: ToLamp): void {
    if (this.#service === null) this.#early.push(message)
    else if (message.kind === 'stop') this.#endWhenRed()
    else this.#service.obey(message)
    if (message.kind === 'configure') this.#parts.world.timeline.settle()
  }

  #endWhenRed(): void {
    this.#isEnding = true
    if (this.#service === null) this.process.kill()
    else void this.#service.endWhenRed()
  }

  #tellEnd(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { world, parent, listener } = this.#parts
    const { hasDeadMan } = world.ways.machine
    const mostMs = this.#wasKilled ? KILL_SEEN_MS : world.random.pick(EXIT_SEEN_MS)
    const seenMs = hasDeadMan ? world.random.between(0, mostMs) : UNWATCHED_MS
    world.timeline.after(seenMs, () => parent.receive(() => listener.ended(this.#reason)))
  }

  #tell(message: FromLamp): void {
    const { world, parent, listener } = this.#parts
    const hear = (heard: FromLamp): void => parent.receive(() => listener.heard(heard))
    // Beats come at their own time anyhow.
    if (message.kind === 'beat') return hear(message)
    const told = message.kind === 'report' ? { ...message, report: this.#stamped(message.report) } : message
    if (message.kind === 'report') this.#observe(this.#service?.state ?? null)
    world.timeline.after(PIPE_MS, () => hear(told))
  }

  #stamped(report: Report): Report {
    const { stampedLateMs, roundsStampsToMs } = this.#parts.world.ways.machine
    const rounded = (ms: number) =>
      lightTime(roundsStampsToMs === 0 ? ms : Math.round(ms / roundsStampsToMs) * roundsStampsToMs)
    return { ...report, now: rounded(report.now + stampedLateMs), at: rounded(report.at) }
  }

  /** Nobody else in this process reads the wall clock: that is how it is seen that a lamp looks at its clocks. */
  #clock(): Clock {
    const { process } = this
    const { world, sign } = this.#parts
    return {
      monotonicMs: () => process.monotonicMs(),
      after: (delayMs, task) => process.after(delayMs, task),
      wallMs() {
        if (sign.isExcused) world.timeline.after(0, () => world.oracle.excuseNoMore(sign))
        return process.wallMs()
      },
    }
  }

  #paint(aspect: Aspect): void {
    const { world, sign } = this.#parts
    const state = this.#service?.state ?? null
    const isNewBoot = state === null || state.boot !== this.#boot
    this.#observe(state)
    if (aspect !== sign.aspect) world.tell?.(`${sign.name} shows ${aspect}${this.#whose(aspect, state)}`)
    world.oracle.paint(sign, aspect, isNewBoot ? 'new-boot' : 'lamp', state?.held ?? null)
  }

  /** For people: who gave it right of way, and until when in real time. */
  #whose(aspect: Aspect, state: LampState | null): string {
    const { oracle } = this.#parts.world
    const { name, aspect: was } = this.#parts.sign
    if (isNonRed(was) || !isNonRed(aspect)) return ''
    const grant = oracle.grantOf(name, state?.held ?? null)
    if (grant === undefined) return ', which no gate gave it'
    return `, which ${grant.by} gave it until ${(grant.clock.realWhen(grant.span.c) / 1000).toFixed(3)} s`
  }

  /** What the oracle has to know of the lamp that paints. */
  #observe(state: LampState | null): void {
    if (state === null) return
    const { sign } = this.#parts
    this.#boot = state.boot
    sign.takenAtMs = state.givenAt
    const steady = aspectAt(state.held, 0, lightTime(sign.clock.monotonicMs()))
    if (isNonRed(steady) && isNonRed(sign.aspect)) sign.interval = state.held
  }
}
