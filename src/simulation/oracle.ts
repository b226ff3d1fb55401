/**
 * The oracle: looks at displays in real time, and knows which span every interval was made from. It never asks a lamp
 * or a controller whether it did right.
 */
import type { Span } from '../clients/controller/light-view.ts'
import { type Aspect, type Interval, isNonRed } from '../protocol/aspect.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { SimulatedClock } from './simulated-clock.ts'

export const CHECKS = {
  conflict: 'two conflicting lights are non-red',
  sequence: 'drivers see a sequence that they never must',
  early: 'non-red before its span, or without one',
  late: 'non-red, or green, after its time and lateMs',
  bounds: 'the red of an interval lies after the end of its span',
  'dead-man': 'a display stays non-red though its lamp is gone or stopped',
  'all-red': 'conflicting lights follow each other without all-red',
  amber: 'amber is too short',
  horizon: 'non-red for longer than one command may give',
  stopped: 'the plan stops on a healthy network',
  drift: 'the plan drifts',
  'lost green': 'a light shows less green than planned',
  'start red': 'the first green comes too soon after the start',
  liveness: 'a light gets no green in time',
  flashing: 'lights do not flash though one is missing',
  told: 'a light says another aspect than it shows',
  trip: 'the conflict monitor trips where it must not, or does not where it must',
} as const
export type Check = keyof typeof CHECKS

export interface Violation {
  readonly check: Check
  readonly atMs: number
  readonly text: string
}

/** Clocks read by floating point: differences below this are none, ms. */
const ROUNDING_MS = 1e-3
/** What a change of a clock's rate within `lateMs` makes of a time that is computed back, ms. */
const BACKWARD_MS = 5

/** Who changed a display: its lamp; a lamp that began anew; or what watches over the lamp. */
export type Painter = 'lamp' | 'new-boot' | 'dead-man'

export interface Sign {
  readonly name: string
  readonly clock: SimulatedClock
  aspect: Aspect
  /** When it came to show that, on the lamp's clock. */
  sinceMs: number
  /** The interval of the non-red shown now or last. */
  interval: Interval | null
  /** When its last non-red should have ended, real ms. */
  endedAtMs: number
  /** The last non-red and the last green began, real ms. */
  beganAtMs: number
  greenAtMs: number
  /** When its lamp last took an interval, on its clock. */
  takenAtMs: number
  /** Frozen while non-red by what no protocol can help: not judged until its lamp looks at its clocks again. */
  isExcused: boolean
  /** Whether the non-red shown now was excused at any time. */
  wasExcused: boolean
  readonly rivals: Sign[]
}

export interface Grant {
  /** The controller whose gate made it. */
  readonly by: string
  readonly span: Span
  readonly clock: SimulatedClock
  readonly interruptions: number
}

export interface Judgement {
  /** Off where clocks or controllers break what is assumed of them. */
  readonly spans: boolean
  readonly conflicts: boolean
  readonly allRed: boolean
  /** Off where lamps are told to be non-red by nobody, or clocks are wrong by more than rho. */
  readonly trips: boolean
}

export class Oracle {
  violation: Violation | null = null
  readonly signs: readonly Sign[]
  /** Told of every non-red that ended by itself, for who measures: how late it began, how early it ended, ms. */
  onShown: (sign: Sign, lost: { readonly startMs: number; readonly endMs: number }) => void = () => {}
  /** Told of every change of a display. */
  onPaint: (sign: Sign, aspect: Aspect) => void = () => {}
  readonly #nowMs: () => number
  readonly #crossing: Crossing
  readonly #judgement: Judgement
  /** By light and interval: what is on the wire is no object that could be known again. */
  readonly #grants = new Map<string, Grant>()
  readonly #startLost = new Map<Sign, number>()

  constructor(parts: {
    crossing: Crossing
    clocks: readonly SimulatedClock[]
    nowMs: () => number
    judgement: Judgement
  }) {
    this.#nowMs = parts.nowMs
    this.#crossing = parts.crossing
    this.#judgement = parts.judgement
    this.signs = parts.crossing.lights.map((name, index) => {
      const clock = parts.clocks[index]
      if (clock === undefined) throw new RangeError('a light without a clock')
      return newSign(name, clock)
    })
    for (const sign of this.signs) {
      const rivals = parts.crossing.conflicting.get(sign.name) ?? []
      sign.rivals.push(...this.signs.filter(({ name }) => rivals.includes(name)))
    }
  }

  /** An interval of `light` was made. */
  granted(light: string, interval: Interval, grant: Omit<Grant, 'interruptions'>): void {
    this.#grants.set(keyOf(light, interval), { ...grant, interruptions: grant.clock.interruptions })
  }

  /** Of what `interval` of `light` was made; undefined where no gate made it. */
  grantOf(light: string, interval: Interval | null): Grant | undefined {
    return interval === null ? undefined : this.#grants.get(keyOf(light, interval))
  }

  /** A display is to show `aspect`, by the interval that its lamp holds now. */
  paint(sign: Sign, aspect: Aspect, painter: Painter, held: Interval | null): void {
    const was = sign.aspect
    if (aspect === was) return
    if (painter === 'lamp') this.#judgeInterval(sign, aspect, held)
    if (painter === 'lamp' && !this.#mayJump(sign, was)) this.#judgeSequence(sign, was, aspect, held)
    this.#judgeChange(sign, was, aspect, painter)
    sign.aspect = aspect
    this.onPaint(sign, aspect)
    sign.sinceMs = sign.clock.monotonicMs()
    if (aspect === 'green') sign.greenAtMs = this.#nowMs()
    if (isNonRed(aspect) && !isNonRed(was)) this.#begin(sign, held)
    if (!isNonRed(aspect) && isNonRed(was)) this.#end(sign, painter)
  }

  /** The lamp of a display that shows non-red is frozen together with whoever should notice. */
  excuse(sign: Sign): void {
    if (!isNonRed(sign.aspect)) return
    sign.isExcused = true
    sign.wasExcused = true
  }

  /** It looks at its clocks again: what it still shows now counts. */
  excuseNoMore(sign: Sign): void {
    if (!sign.isExcused) return
    sign.isExcused = false
    if (isNonRed(sign.aspect)) this.#judgeConflicts(sign)
  }

  /** A sign that was non-red until now: was that by a command that was taken long ago? */
  judgeHorizon(sign: Sign): void {
    const { lateMs, horizonMs } = this.#crossing.constants
    const sinceMs = sign.clock.monotonicMs() - sign.takenAtMs
    if (sign.wasExcused || sinceMs <= horizonMs + lateMs + ROUNDING_MS) return
    this.report('horizon', `${sign.name} is non-red ${ms(sinceMs)} after its last command`)
  }

  /** The end of an episode: who is still non-red should not be so for too long either. */
  finish(): void {
    if (!this.#judgement.spans) return
    for (const { name, clock, aspect, interval, wasExcused } of this.signs) {
      const overdueMs = interval === null ? 0 : clock.monotonicMs() - interval.red
      if (isNonRed(aspect) && !wasExcused && overdueMs > this.#crossing.constants.lateMs + ROUNDING_MS)
        this.report('late', `${name} is still ${aspect}, ${ms(overdueMs)} after its interval`)
    }
  }

  report(check: Check, text: string): void {
    this.violation ??= { check, atMs: this.#nowMs(), text }
  }

  /** Frozen for less than L5 minds, a lamp goes on where its interval is by then. */
  #mayJump({ wasExcused, interval, clock }: Sign, was: Aspect): boolean {
    if (!wasExcused) return false
    return !isNonRed(was) || interval === null || clock.monotonicMs() <= interval.red + this.#crossing.constants.lateMs
  }

  /** Whatever a lamp was given: it shows nothing before its interval says so. That it is late is judged elsewhere. */
  #judgeInterval({ name, clock }: Sign, is: Aspect, held: Interval | null): void {
    if (held === null) return
    const { from, until, red } = held
    const now = clock.monotonicMs()
    const greenAt = Math.min(from + this.#crossing.constants.redAmberMs, until)
    const beginsAt = { 'red-amber': from, green: greenAt, amber: until, red, 'flashing-red': red }[is]
    if (now >= beginsAt - ROUNDING_MS || (!isNonRed(is) && now < from)) return
    this.report('early', `${name} shows ${is} ${ms(beginsAt - now)} before its interval says so`)
  }

  #judgeSequence(sign: Sign, was: Aspect, is: Aspect, held: Interval | null): void {
    // A timer may come too late for all of a green that is as short as that.
    const { redAmberMs, lateMs } = this.#crossing.constants
    const greenMs = held === null ? 0 : held.until - held.from - redAmberMs
    const isShort = greenMs > 0 && greenMs <= lateMs
    const isForbidden =
      (was === 'green' && !isNonRed(is)) ||
      (was === 'amber' && isNonRed(is)) ||
      (was === 'red-amber' && !isNonRed(is)) ||
      (!isNonRed(was) && is === 'amber' && !isShort) ||
      // A controller that lies about everything may make a lamp do these.
      (this.#judgement.spans && was === 'green' && is === 'red-amber') ||
      (this.#judgement.spans && was === 'red-amber' && is === 'amber' && !isShort)
    if (isForbidden) this.report('sequence', `${sign.name} goes from ${was} to ${is}`)
  }

  #judgeChange(sign: Sign, was: Aspect, is: Aspect, painter: Painter): void {
    if (!this.#judgement.spans || painter !== 'lamp' || sign.wasExcused || sign.interval === null) return
    const { lateMs, amberMs } = this.#crossing.constants
    const now = sign.clock.monotonicMs()
    if (was === 'green' && is === 'amber' && now > sign.interval.until + lateMs) {
      this.report('late', `${sign.name} was green for ${ms(now - sign.interval.until)} too long`)
    }
    if (was === 'amber' && now - sign.sinceMs < amberMs - lateMs) {
      this.report('amber', `${sign.name} was amber for ${ms(now - sign.sinceMs)} of ${ms(amberMs)}`)
    }
  }

  #begin(sign: Sign, held: Interval | null): void {
    sign.interval = held
    // Amber out of red: a lamp that was frozen meanwhile.
    sign.wasExcused = sign.wasExcused && sign.aspect === 'amber'
    sign.beganAtMs = this.#nowMs()
    this.#judgeConflicts(sign)
    this.#judgeAllRed(sign)
    const grant = this.grantOf(sign.name, sign.interval)
    if (grant === undefined) {
      if (this.#judgement.spans) this.report('early', `${sign.name} is non-red by no span`)
      return
    }
    if (grant.interruptions !== grant.clock.interruptions) return
    const lateMs = grant.clock.monotonicMs() - grant.span.a
    this.#startLost.set(sign, lateMs)
    if (this.#judgement.spans && lateMs < -ROUNDING_MS) this.report('early', `${sign.name} is ${ms(-lateMs)} early`)
  }

  #end(sign: Sign, painter: Painter): void {
    const { interval, clock } = sign
    const overdueMs = interval === null ? 0 : Math.max(0, clock.monotonicMs() - interval.red)
    const { lateMs } = this.#crossing.constants
    sign.endedAtMs = this.#nowMs() - overdueMs / clock.rate
    this.judgeHorizon(sign)
    if (!this.#judgement.spans || sign.wasExcused) return
    if (overdueMs > lateMs + ROUNDING_MS) this.report('late', `${sign.name} is red ${ms(overdueMs)} late`)
    const grant = this.grantOf(sign.name, sign.interval)
    if (grant === undefined || grant.interruptions !== grant.clock.interruptions) return
    const beforeEndMs = grant.span.c - (grant.clock.monotonicMs() - (overdueMs / clock.rate) * grant.clock.rate)
    if (beforeEndMs < -BACKWARD_MS * (overdueMs > 0 ? overdueMs / lateMs : 0) - ROUNDING_MS) {
      this.report('bounds', `${sign.name} is to be red ${ms(-beforeEndMs)} after the end of its span`)
    }
    if (painter === 'lamp') {
      this.onShown(sign, { startMs: this.#startLost.get(sign) ?? 0, endMs: beforeEndMs })
    }
  }

  #judgeConflicts(sign: Sign): void {
    if (!this.#judgement.conflicts) return
    for (const rival of sign.rivals) {
      if (!isNonRed(rival.aspect) || rival.isExcused || sign.isExcused) continue
      this.report('conflict', `${sign.name} and ${rival.name} are both non-red`)
    }
  }

  #judgeAllRed(sign: Sign): void {
    if (!this.#judgement.allRed) return
    const { allRedMs, rho } = this.#crossing.constants
    for (const rival of sign.rivals) {
      const pauseMs = this.#nowMs() - rival.endedAtMs
      if (rival.wasExcused || isNonRed(rival.aspect) || pauseMs >= allRedMs * (1 - rho) - ROUNDING_MS) continue
      this.report('all-red', `${sign.name} follows ${rival.name} after ${ms(pauseMs)} of ${ms(allRedMs)}`)
    }
  }
}

const keyOf = (light: string, { from, until, red }: Interval): string => `${light} ${from} ${until} ${red}`

const newSign = (name: string, clock: SimulatedClock): Sign => ({
  name,
  clock,
  aspect: 'red',
  sinceMs: 0,
  interval: null,
  endedAtMs: Number.NEGATIVE_INFINITY,
  beganAtMs: Number.NEGATIVE_INFINITY,
  greenAtMs: Number.NEGATIVE_INFINITY,
  takenAtMs: 0,
  isExcused: false,
  wasExcused: false,
  rivals: [],
})

const ms = (value: number): string => `${value.toFixed(1)} ms`
