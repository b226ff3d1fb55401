/**
 * The lamp: what a light shows and which commands it takes. Pure: time, chance and every message come in, effects go
 * out; lamp-runner.ts acts on them. The rules L1 to L5 are those of docs/protocol.md. (L6, the dead-man, is a matter
 * of processes: lamp-guard.ts.)
 *
 * A lamp holds one interval in its own clock and shows a pure function of the two. So whatever happens to messages
 * after one was taken - loss, delay, copies - cannot change what it shows, and no command can make it show more than
 * its controller put on record.
 */
import {
  type Aspect,
  aspectAt,
  flashIsLit,
  type Interval,
  isNonRed,
  type LightTime,
  nextChange,
  nextFlash,
  RED,
} from '../../protocol/aspect.ts'
import type { Constants } from '../../protocol/constants.ts'
import type { Command, Report } from '../../protocol/wire.ts'

export interface LampSettings {
  /** Digest of the crossing file. */
  readonly file: string
  readonly constants: Pick<Constants, 'heartbeatMs' | 'staleMs' | 'horizonMs' | 'lateMs' | 'redAmberMs'>
  /** Draws a boot: an id that does not repeat. */
  readonly drawBoot: () => string
  /** Always LAMP_RULES, but for a simulation that leaves one out to see whether anyone notices. */
  readonly rules: LampRules
}

/** A moment at the lamp: both its clocks, read together. */
export interface LampMoment {
  readonly now: LightTime
  readonly wallMs: number
}

export interface LampState {
  readonly boot: string
  /** The newest command taken, and when; 0, 0 and the start of this boot where there is none. */
  readonly run: number
  readonly n: number
  readonly at: LightTime
  readonly held: Interval
  /** When an interval was last given, taken or not; the start of this boot where none was. */
  readonly givenAt: LightTime
  /** What the display was last told to show. */
  readonly shown: Aspect
  readonly lit: boolean
  readonly reportDueAt: number
  /** Wall clock less monotonic clock at the last look. */
  readonly wallOffsetMs: number
  /** The conflict monitor has stopped the crossing: it flashes red, whatever it is told. */
  readonly tripped: boolean
}

export type LampEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'command'; readonly command: Command }
  /** What the crossing's `trip` topic says. */
  | { readonly kind: 'trip'; readonly tripped: boolean }
  /** What was shown last cannot be seen, or not be relied on. */
  | { readonly kind: 'display-failed' }

/** Why a command was dropped as if it had been lost. */
export type DropReason = 'tripped' | 'another-boot' | 'older' | 'interval-refused'

export type LampEffect =
  | { readonly kind: 'show'; readonly aspect: Aspect; readonly lit: boolean; readonly endsAt: number }
  /** To be stamped with the clock just before it is sent. */
  | { readonly kind: 'report'; readonly report: Omit<Report, 'now'> }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly command: Command }
  | {
      readonly kind: 'new-boot'
      readonly boot: string
      readonly reason: 'shown-too-late' | 'clock-stepped' | 'tripped' | 'display-failed'
    }

/** The rules of a lamp by their names in docs/protocol.md. */
export const LAMP_RULES = {
  /** Speaks to this boot; older ones speak of a clock and a memory that are gone. */
  L1: (lamp: LampState, command: Command): boolean => command.boot === lamp.boot,

  /** Is newer, and where it is of another run, nothing of the run held is live or to come. */
  L2: (lamp: LampState, command: Command, now: LightTime): boolean =>
    command.run === lamp.run ? command.n > lamp.n : command.run > lamp.run && now >= lamp.held.red,

  /** Bounds the damage of a wrong interval. */
  L3: ({ from, until, red }: Interval, now: LightTime, horizonMs: number): boolean =>
    Number.isFinite(from) && from <= until && until <= red && red <= now + horizonMs,

  /**
   * Drivers see a full sequence: neither green nor amber goes straight to red, a green whose amber began never comes
   * back, and amber comes after green alone.
   */
  L4: (held: Interval, next: Interval, now: LightTime): boolean => {
    const isLive = held.from <= now && now < held.red
    const wouldBeRed = now < next.from || now >= next.red
    const wouldBeAmber = next.until <= now && now < next.red
    const comesBack = now >= held.until && next.from < held.red && next.until > now
    return !comesBack && (isLive ? !wouldBeRed : !wouldBeAmber)
  },

  /** Its timers were so late that non-red was shown longer than a dead-man allows. */
  L5Late: (lamp: LampState, now: LightTime, lateMs: number): boolean =>
    isNonRed(lamp.shown) && now > lamp.held.red + lateMs,

  /** Its clocks moved apart: one was stepped, or the machine slept. A suspended clock would revive an old interval. */
  L5Stepped: (movedMs: number, lateMs: number): boolean => Math.abs(movedMs) > lateMs,
} as const

export type LampRules = { readonly [Rule in keyof typeof LAMP_RULES]: (typeof LAMP_RULES)[Rule] }

/** A lamp that has just started: red, flashing where its crossing is tripped, and reporting at its first tick. */
export function startLamp(settings: LampSettings, { now, wallMs }: LampMoment, tripped = false): LampState {
  return {
    boot: settings.drawBoot(),
    run: 0,
    n: 0,
    at: now,
    held: RED,
    givenAt: now,
    shown: 'red',
    lit: true,
    reportDueAt: now,
    wallOffsetMs: wallMs - now,
    tripped,
  }
}

/** Takes one event at a moment; gives the next state and what is to be done. */
export function stepLamp(
  settings: LampSettings,
  before: LampState,
  event: LampEvent,
  moment: LampMoment,
): readonly [LampState, readonly LampEffect[]] {
  const effects: LampEffect[] = []
  let lamp =
    event.kind === 'display-failed'
      ? beginAnew(settings, before, before.tripped, moment, 'display-failed', effects)
      : guardClock(settings, before, moment, effects)
  if (event.kind === 'trip') lamp = trip(settings, lamp, event.tripped, moment, effects)
  // A boot that has just begun has heard nothing; its first frame must not wait for an answer to anything.
  const accepted = event.kind === 'command' ? take(settings, lamp, event.command, moment.now, effects) : null
  lamp = show(settings, accepted ?? lamp, moment.now, effects)
  const changed = lamp.shown !== before.shown || lamp.boot !== before.boot
  if (accepted !== null || changed || moment.now >= lamp.reportDueAt) {
    lamp = { ...lamp, reportDueAt: moment.now + settings.constants.heartbeatMs }
    const { boot, shown: aspect, run, n, at } = lamp
    effects.push({ kind: 'report', report: { file: settings.file, boot, aspect, run, n, at } })
  }
  return [lamp, effects]
}

/** When `stepLamp` next has something to do if no command comes, on the lamp's clock. */
export function lampWakesAt(settings: LampSettings, lamp: LampState, now: LightTime): number {
  const { redAmberMs, staleMs } = settings.constants
  // From green or amber it cannot come to flash before the interval ends, which is a change of its own.
  const whenRed = lamp.shown === 'red' ? lamp.givenAt + staleMs : Number.POSITIVE_INFINITY
  const flashesAt = lamp.shown === 'flashing-red' ? nextFlash(now) : whenRed
  return Math.min(lamp.reportDueAt, flashesAt, nextChange(lamp.held, redAmberMs, now))
}

/** L5: forgets everything, as a lamp that was started anew, where time cannot be trusted. */
function guardClock(settings: LampSettings, lamp: LampState, moment: LampMoment, effects: LampEffect[]): LampState {
  const { rules, constants } = settings
  const wallOffsetMs = moment.wallMs - moment.now
  const stepped = rules.L5Stepped(wallOffsetMs - lamp.wallOffsetMs, constants.lateMs)
  if (!stepped && !rules.L5Late(lamp, moment.now, constants.lateMs)) return { ...lamp, wallOffsetMs }
  return beginAnew(settings, lamp, lamp.tripped, moment, stepped ? 'clock-stepped' : 'shown-too-late', effects)
}

/** The conflict monitor stops the crossing: with another boot, which answers nobody, or lets it go on. */
function trip(
  settings: LampSettings,
  lamp: LampState,
  tripped: boolean,
  moment: LampMoment,
  effects: LampEffect[],
): LampState {
  if (tripped === lamp.tripped) return lamp
  return tripped ? beginAnew(settings, lamp, true, moment, 'tripped', effects) : { ...lamp, tripped }
}

function beginAnew(
  settings: LampSettings,
  { shown, lit }: LampState,
  tripped: boolean,
  moment: LampMoment,
  reason: Extract<LampEffect, { kind: 'new-boot' }>['reason'],
  effects: LampEffect[],
): LampState {
  const boot = startLamp(settings, moment, tripped)
  effects.push({ kind: 'new-boot', boot: boot.boot, reason })
  // `shown` and `lit` stay what the display still shows, so that the red frame is painted now.
  return { ...boot, shown, lit }
}

/** L1 to L4: the lamp with the command taken, or null where it is dropped as if lost. */
function take(
  { rules, constants }: LampSettings,
  lamp: LampState,
  command: Command,
  now: LightTime,
  effects: LampEffect[],
): LampState | null {
  const drop = (reason: DropReason): null => {
    effects.push({ kind: 'dropped', reason, command })
    return null
  }
  if (lamp.tripped) return drop('tripped')
  if (!rules.L1(lamp, command)) return drop('another-boot')
  if (!rules.L2(lamp, command, now)) return drop('older')
  const { run, n, green } = command
  if (green === undefined) return { ...lamp, run, n, at: now }
  if (!rules.L3(green, now, constants.horizonMs)) return drop('interval-refused')
  const held = rules.L4(lamp.held, green, now) ? green : lamp.held
  return { ...lamp, run, n, at: now, held, givenAt: now }
}

function show(settings: LampSettings, lamp: LampState, now: LightTime, effects: LampEffect[]): LampState {
  const { redAmberMs, staleMs } = settings.constants
  const steady = aspectAt(lamp.held, redAmberMs, now)
  const isLeft = lamp.tripped || now - lamp.givenAt >= staleMs
  const shown = steady === 'red' && isLeft ? 'flashing-red' : steady
  const lit = shown !== 'flashing-red' || flashIsLit(now)
  if (shown === lamp.shown && lit === lamp.lit) return lamp
  const endsAt = shown === 'flashing-red' ? Number.POSITIVE_INFINITY : nextChange(lamp.held, redAmberMs, now)
  effects.push({ kind: 'show', aspect: shown, lit, endsAt })
  return { ...lamp, shown, lit }
}
