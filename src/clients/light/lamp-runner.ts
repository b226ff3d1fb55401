/** Runs a lamp on real time and a display: in a process of its own, or inside the process of a test. */
import type { Clock } from '../../platform/clock.ts'
import { isNonRed, type LightTime, lightTime } from '../../protocol/aspect.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import { type Caption, type Display, ENDLESS } from '../display/display.ts'
import { frameOf } from '../display/frame.ts'
import {
  type LampEffect,
  type LampEvent,
  type LampMoment,
  type LampSettings,
  type LampState,
  lampWakesAt,
  startLamp,
  stepLamp,
} from './lamp.ts'

/** A lamp looks at its clocks at least this often, ms: it is the longest that a step of one stays unseen. */
export const TICK_MS = 20

export interface LampRunnerOptions {
  readonly settings: LampSettings
  /** Whether its crossing is tripped already. Default: no. */
  readonly tripped?: boolean
  readonly clock: Clock
  readonly display: Display
  readonly onReport: (report: Report) => void
  /** Told what a lamp does of its own: commands it dropped, boots it drew. */
  readonly onFact: (fact: Exclude<LampEffect, { kind: 'show' | 'report' }>) => void
}

export interface RunningLamp {
  command(command: Command): void
  /** What the crossing's `trip` topic says. */
  trip(tripped: boolean): void
  /** When red is planned to end, on the machine's monotonic clock, or null. It is shown to people and decides nothing. */
  hint(redEndsAtMs: number | null): void
  /** Resolves when the lamp shows red. */
  untilRed(): Promise<void>
  /** Stops it at once; the display is left as it is. */
  close(): void
  /** As of the last step, for who watches. */
  readonly state: LampState
}

/** Starts a lamp, which paints red at once. */
export function runLamp(options: LampRunnerOptions): RunningLamp {
  const { settings, tripped, clock, display, onReport, onFact } = options
  const moment = (): LampMoment => ({ now: lightTime(clock.monotonicMs()), wallMs: clock.wallMs() })
  let state = startLamp(settings, moment(), tripped)
  let redEndsAtMs: number | null = null
  let closed = false
  let cancelTimer = (): void => {}
  const waiting: (() => void)[] = []

  const captionOf = (endsAt: number): Caption =>
    Number.isFinite(endsAt) ? { endsAtMs: endsAt } : state.shown === 'red' ? { endsAtMs: redEndsAtMs } : ENDLESS

  /** A process that was stopped between its look and here would swear to an aspect that is long over. */
  const report = (report: Omit<Report, 'now'>, lookedAt: LightTime): void => {
    const now = lightTime(clock.monotonicMs())
    if (now - lookedAt <= settings.constants.lateMs) onReport({ ...report, now })
  }

  const act = (effect: LampEffect, lookedAt: LightTime): void => {
    switch (effect.kind) {
      case 'show':
        return display.show(frameOf(effect.aspect, effect.lit), captionOf(effect.endsAt))
      case 'report':
        return report(effect.report, lookedAt)
      default:
        return onFact(effect)
    }
  }

  const step = (event: LampEvent): void => {
    if (closed) return
    const now = moment()
    const [next, effects] = stepLamp(settings, state, event, now)
    state = next
    for (const effect of effects) act(effect, now.now)
    if (!isNonRed(state.shown)) for (const resolve of waiting.splice(0)) resolve()
    schedule(now.now)
  }

  const schedule = (now: LightTime): void => {
    cancelTimer()
    const delayMs = Math.min(TICK_MS, lampWakesAt(settings, state, now) - now)
    cancelTimer = clock.after(delayMs, () => step({ kind: 'tick' }))
  }

  display.show(frameOf('red', true), ENDLESS)
  step({ kind: 'tick' })
  return {
    command: (command) => step({ kind: 'command', command }),
    trip: (tripped) => step({ kind: 'trip', tripped }),
    hint(endsAtMs) {
      const isNews = state.shown === 'red' && Math.abs((endsAtMs ?? 0) - (redEndsAtMs ?? 0)) > HINT_MS
      redEndsAtMs = endsAtMs
      // The same frame again, for its caption alone.
      if (isNews && !closed) display.show(frameOf('red', true), { endsAtMs })
    },
    untilRed: () =>
      new Promise((resolve) => {
        if (isNonRed(state.shown) && !closed) waiting.push(resolve)
        else resolve()
      }),
    close() {
      closed = true
      cancelTimer()
      for (const resolve of waiting.splice(0)) resolve()
    },
    get state() {
      return state
    },
  }
}

/** A planned end that moved by less than this, ms, is the same to people. */
const HINT_MS = 250
