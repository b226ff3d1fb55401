/** The rules of the conflict monitor by their names in docs/protocol.md: what it takes for certain, and when. */
import type { LightTime } from '../../protocol/aspect.ts'
import { lightTime } from '../../protocol/aspect.ts'
import type { Constants } from '../../protocol/constants.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import { type BootClock, earliestOf, isBroken, latestOf, type Sample } from './boot-clock.ts'
import { type BootWatch, isAfter, type Shown } from './boot-watch.ts'

/** Non-red of one boot, and what is known of that boot's clock. */
export interface Placed {
  readonly clock: BootClock
  readonly shown: Shown
}

export const MONITOR_RULES = {
  /** A report counts if it is newer than all others of its boot and takes back nothing that they said. */
  M1: (newest: Report | null, report: Report): boolean =>
    report.at <= report.now && (newest === null || (report.now > newest.now && !isAfter(newest, report))),

  /** A command tells the time of its echo only if it surely passes for the first time. */
  M2: ({ passed, forgotten, newest }: BootWatch, command: Command): boolean =>
    isAfter(command, newest ?? forgotten) &&
    isAfter(command, forgotten) &&
    !passed.some(({ run, n }) => run === command.run && n === command.n),

  /** A clock that broke its bound is known no more, and its past is not either. */
  M3: (clock: BootClock, rho: number, now: LightTime): boolean => isBroken(clock, rho, now),

  /** Between two reports non-red lasts no longer than what explains the first, and where nothing does it may have ended. */
  M4: (red: LightTime | null, _next: Report): LightTime | null => red,

  /**
   * That nothing allows an aspect is known only where every command that could was seen: since more than `horizonMs`,
   * which is as far as an interval reaches, and none was forgotten.
   */
  M5: ({ clock, since, granted }: BootWatch, { now }: Report, { rho, horizonMs, lateMs }: Constants): boolean =>
    earliestOf(clock, rho, lightTime(now - horizonMs - lateMs)) >= since && now >= granted.knownFrom,

  /** How long two were surely shown together, ms: the least of all that the bounds leave open. Below 0: maybe never. */
  M6: (rho: number, a: Placed, b: Placed): number =>
    Math.min(
      (a.shown.until - a.shown.from) / (1 + rho),
      (b.shown.until - b.shown.from) / (1 + rho),
      earliestOf(a.clock, rho, a.shown.until) - latestOf(b.clock, rho, b.shown.from),
      earliestOf(b.clock, rho, b.shown.until) - latestOf(a.clock, rho, a.shown.from),
    ),

  /**
   * Echoes tell the time only of a boot that is surely there now. A monitor that began late may be shown commands, and
   * reports that echo them, of a boot that is long dead: all pass for the first time that it knows of. So either it saw
   * the boot begin, by a report without any command; or two echoes were as far apart as their commands.
   */
  M7: ({ newest, passed, lastEcho }: BootWatch, report: Report, echo: Sample | null): boolean => {
    if (newest === null) return passed.length === 0 && report.run === 0
    if (lastEcho === null || echo === null || echo.t - lastEcho.t < APART_MS) return false
    return Math.abs(echo.t - lastEcho.t - (echo.at - lastEcho.at)) <= JITTER_MS
  },
} as const

/** Messages that are sent again come in bursts: commands closer than this say nothing about each other, ms. */
const APART_MS = 100

/** By how much the ways of two commands may differ, ms: where they differ by more, no bound is of use. */
const JITTER_MS = 200

export type MonitorRules = { readonly [Rule in keyof typeof MONITOR_RULES]: (typeof MONITOR_RULES)[Rule] }
