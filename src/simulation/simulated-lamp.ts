/** A lamp's process: the real lamp on a simulated machine, as lamp-runner.ts runs it on a real one. */
import {
  type LampEvent,
  type LampSettings,
  type LampState,
  lampWakesAt,
  startLamp,
  stepLamp,
} from '../clients/light/lamp.ts'
import { aspectAt, isNonRed, type LightTime, lightTime } from '../protocol/aspect.ts'
import type { Command, Report } from '../protocol/wire.ts'
import type { Sign } from './oracle.ts'
import { timerLatenessMs, type World } from './world.ts'

/** How often a lamp looks at its clocks. Source: lamp-runner.ts, TICK_MS. */
export const LOOK_MS = 20

/** Commands that wait in the pipe of a lamp that is stopped. */
const PIPE_MAX = 200

export interface LampParts {
  readonly world: World
  readonly settings: LampSettings
  readonly sign: Sign
  readonly onReport: (report: Report) => void
}

export class SimulatedLamp {
  #state: LampState
  #isAlive = true
  #isStopped = false
  readonly #parts: LampParts
  readonly #pipe: Command[] = []
  #wakesAt = Number.NaN
  #timer = 0

  constructor(parts: LampParts) {
    this.#parts = parts
    this.#state = startLamp(parts.settings, this.#moment())
    this.#step({ kind: 'tick' })
  }

  command(command: Command): void {
    if (!this.#isAlive) return
    if (!this.#isStopped) this.#step({ kind: 'command', command })
    else if (this.#pipe.length < PIPE_MAX) this.#pipe.push(command)
  }

  /** SIGKILL, or a crash: nothing of it is done any more, and its display stays as it is. */
  kill(): void {
    this.#isAlive = false
  }

  /** SIGSTOP, or a machine too busy to run it. */
  stop(): void {
    this.#isStopped = true
  }

  goOn(): void {
    if (!this.#isAlive || !this.#isStopped) return
    this.#isStopped = false
    this.#wakesAt = Number.NaN
    // Its timer is due and its pipe is full: either may come first.
    const isTickFirst = this.#parts.world.random.chance(0.5)
    if (isTickFirst) this.#step({ kind: 'tick' })
    for (const command of this.#pipe.splice(0)) this.#step({ kind: 'command', command })
    if (!isTickFirst) this.#step({ kind: 'tick' })
  }

  /** Its clocks were changed: it looks at them within a tick. Looks that find nothing are left out otherwise. */
  look(): void {
    const { world } = this.#parts
    this.#setTimer(world.timeline.nowMs + world.random.between(0, LOOK_MS) + timerLatenessMs(world))
  }

  #moment(): { now: LightTime; wallMs: number } {
    const { clock } = this.#parts.sign
    return { now: lightTime(clock.monotonicMs()), wallMs: clock.wallMs() }
  }

  #step(event: LampEvent): void {
    if (!this.#isAlive || this.#isStopped) return
    const { settings, sign, world } = this.#parts
    const { oracle } = world
    const before = this.#state
    const moment = this.#moment()
    const [state, effects] = stepLamp(settings, before, event, moment)
    this.#state = state
    if (state.givenAt !== before.givenAt) sign.takenAtMs = state.givenAt
    if (isNonRed(aspectAt(state.held, 0, moment.now)) && isNonRed(sign.aspect)) sign.interval = state.held
    const isNewBoot = state.boot !== before.boot
    for (const effect of effects) {
      switch (effect.kind) {
        case 'show':
          if (effect.aspect !== sign.aspect) world.tell?.(`${sign.name} shows ${effect.aspect}`)
          oracle.paint(sign, effect.aspect, isNewBoot ? 'new-boot' : 'lamp', state.held)
          break
        case 'report':
          this.#report(effect.report)
          break
        case 'dropped':
          world.tell?.(`${sign.name} drops run ${effect.command.run} n ${effect.command.n}: ${effect.reason}`)
          break
        case 'new-boot':
          world.tell?.(`${sign.name} begins anew: ${effect.reason}`)
          break
        default:
          effect satisfies never
      }
    }
    oracle.excuseNoMore(sign)
    this.#schedule(moment.now)
  }

  #report(report: Omit<Report, 'now'>): void {
    const { sign, world, onReport } = this.#parts
    const { stampedLateMs, roundsStampsToMs } = world.ways.machine
    const now = sign.clock.monotonicMs() + stampedLateMs
    if (roundsStampsToMs === 0) return onReport({ ...report, now: lightTime(now) })
    const rounded = (ms: number): LightTime => lightTime(Math.round(ms / roundsStampsToMs) * roundsStampsToMs)
    onReport({ ...report, now: rounded(now), at: rounded(report.at) })
  }

  #schedule(now: LightTime): void {
    const { settings, sign, world } = this.#parts
    const wakesAt = lampWakesAt(settings, this.#state, now)
    if (wakesAt === this.#wakesAt) return
    this.#wakesAt = wakesAt
    this.#setTimer(Math.max(sign.clock.realWhen(wakesAt), world.timeline.nowMs) + timerLatenessMs(world))
  }

  #setTimer(atMs: number): void {
    const timer = ++this.#timer
    this.#parts.world.timeline.at(atMs, () => {
      if (timer !== this.#timer) return
      this.#wakesAt = Number.NaN
      this.#step({ kind: 'tick' })
    })
  }
}
