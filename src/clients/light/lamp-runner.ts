/** Runs a lamp on real time and a display: in a process of its own, or inside the process of a test. */
import type { Clock } from '../../platform/clock.ts'
import { type Aspect, isNonRed, type LightTime, lightTime } from '../../protocol/aspect.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import type { Caption, Display } from '../display/display.ts'
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
import type { LampFact } from './lamp-facts.ts'

/**
 * A lamp looks at its clocks and its display this often, and says that it runs, ms: it is the longest that a step stays
 * unseen.
 */
export const TICK_MS = 20

export interface LampRunnerOptions {
  readonly settings: LampSettings
  /** Whether its crossing is tripped already. Default: no. */
  readonly tripped?: boolean
  readonly clock: Clock
  /** As the clock's `after`, for what is to be shown on time. Default: that. */
  readonly afterPunctually?: Clock['after']
  readonly display: Display
  readonly onReport: (report: Report) => void
  /** Told what a lamp does of its own: commands it dropped, boots it drew, a display that fails. */
  readonly onFact: (fact: LampFact) => void
  /** Called after each of its looks, every `TICK_MS`: what it has to show has been handed to the display. */
  readonly onTick?: () => void
}

export interface RunningLamp {
  command(command: Command): void
  /** What the crossing's `trip` topic says. */
  trip(tripped: boolean): void
  /** When red is planned to end, on the machine's monotonic clock, or null. It is shown to people and decides nothing. */
  hint(redEndsAtMs: number | null): void
  /** Lines about the light, shown to people beside it. */
  note(notes: readonly string[]): void
  /** Resolves when the lamp shows red. */
  untilRed(): Promise<void>
  /** Stops it at once; the display is left as it is. */
  close(): void
  /** As of the last step, for who watches. */
  readonly state: LampState
}

/** What the display was handed last. */
interface Shown {
  readonly aspect: Aspect
  readonly lit: boolean
  readonly endsAt: number
}

/** Starts a lamp, which paints red at once. */
export function runLamp(options: LampRunnerOptions): RunningLamp {
  const { settings, tripped, clock, display, onReport, onFact, onTick = () => {} } = options
  const { afterPunctually = clock.after.bind(clock) } = options
  const moment = (): LampMoment => ({ now: lightTime(clock.monotonicMs()), wallMs: clock.wallMs() })
  let state = startLamp(settings, moment(), tripped)
  let shown: Shown = { aspect: 'red', lit: true, endsAt: Number.POSITIVE_INFINITY }
  let redEndsAtMs: number | null = null
  let notes: readonly string[] = []
  let toldHeard = false
  let isSeen = true
  let closed = false
  let cancelTick = (): void => {}
  let cancelWake = (): void => {}
  const waiting: (() => void)[] = []

  const paint = (): void => {
    const { aspect, lit, endsAt } = shown
    // Any command of this boot proves that a controller has heard of it.
    toldHeard = state.run > 0
    const redEnds = aspect === 'red' ? redEndsAtMs : null
    const caption: Caption = {
      endsAtMs: Number.isFinite(endsAt) ? endsAt : redEnds,
      heard: toldHeard,
      notes: () => notes,
    }
    display.show(frameOf(aspect, lit), caption)
  }

  const worksNow = (): boolean => display.works?.() ?? true

  /** Rule L5: what cannot be seen is not what the lamp says, so it says nothing and holds nothing. */
  const goUnseen = (): void => {
    isSeen = false
    onFact({ kind: 'display', works: false })
    const [next, effects] = stepLamp(settings, state, { kind: 'display-failed' }, moment())
    state = next
    shown = { aspect: 'red', lit: true, endsAt: Number.POSITIVE_INFINITY }
    for (const effect of effects) if (effect.kind === 'new-boot') onFact(effect)
    paint()
    settle()
    cancelWake()
  }

  /** Whatever else wakes it: many commands must not keep it from looking, nor from saying that it does. */
  const tick = (): void => {
    cancelTick = clock.after(TICK_MS, tick)
    if (!isSeen && worksNow()) {
      isSeen = true
      onFact({ kind: 'display', works: true })
    }
    step({ kind: 'tick' })
    onTick()
  }

  /** A process that was stopped between its look and here would swear to an aspect that is long over. */
  const report = (report: Omit<Report, 'now'>, lookedAt: LightTime): void => {
    const now = lightTime(clock.monotonicMs())
    if (now - lookedAt <= settings.constants.lateMs) onReport({ ...report, now })
  }

  const act = (effect: LampEffect, lookedAt: LightTime): void => {
    switch (effect.kind) {
      case 'show':
        shown = effect
        return paint()
      case 'report':
        return report(effect.report, lookedAt)
      default:
        return onFact(effect)
    }
  }

  const step = (event: LampEvent): void => {
    if (closed || !isSeen) return
    if (!worksNow()) return goUnseen()
    const now = moment()
    const [next, effects] = stepLamp(settings, state, event, now)
    state = next
    for (const effect of effects) {
      act(effect, now.now)
      if (effect.kind === 'show' && !worksNow()) return goUnseen()
    }
    if (toldHeard !== state.run > 0) paint()
    settle()
    schedule(now.now)
  }

  const settle = (): void => {
    if (!isNonRed(state.shown)) for (const resolve of waiting.splice(0)) resolve()
  }

  /** What is due is done on time, between ticks too, of which the next may be late. */
  const schedule = (now: LightTime): void => {
    cancelWake()
    const delayMs = lampWakesAt(settings, state, now) - now
    if (delayMs <= 2 * TICK_MS) cancelWake = afterPunctually(delayMs, () => step({ kind: 'tick' }))
  }

  paint()
  tick()
  return {
    command: (command) => step({ kind: 'command', command }),
    trip(tripped) {
      if (isSeen) return step({ kind: 'trip', tripped })
      const [next] = stepLamp(settings, state, { kind: 'trip', tripped }, moment())
      state = next
      shown = { aspect: state.shown, lit: state.lit, endsAt: Number.POSITIVE_INFINITY }
      paint()
    },
    hint(endsAtMs) {
      const isNews = state.shown === 'red' && Math.abs((endsAtMs ?? 0) - (redEndsAtMs ?? 0)) > HINT_MS
      redEndsAtMs = endsAtMs
      // The same frame again, for its caption alone.
      if (isNews && !closed) paint()
    },
    note(said) {
      notes = said
    },
    untilRed: () =>
      new Promise((resolve) => {
        if (isNonRed(state.shown) && !closed) waiting.push(resolve)
        else resolve()
      }),
    close() {
      closed = true
      cancelTick()
      cancelWake()
      for (const resolve of waiting.splice(0)) resolve()
    },
    get state() {
      return state
    },
  }
}

/** A planned end that moved by less than this, ms, is the same to people. */
const HINT_MS = 250
