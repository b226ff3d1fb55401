/** What the monitor knows of one boot of a lamp, and how a command to it and a report of it change that. */
import { type Aspect, isNonRed, type LightTime } from '../../protocol/aspect.ts'
import type { Crossing } from '../../protocol/crossing.ts'
import { COMMANDS_REMEMBERED } from '../../protocol/limits.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import { type BootClock, type Sample, UNKNOWN, withEcho, withReport } from './boot-clock.ts'
import { allows, type Granted, NOTHING_GRANTED, redAfter, withCommand } from './granted.ts'
import type { MonitorRules } from './monitor-rules.ts'

export interface MonitorSettings {
  readonly crossing: Crossing
  /** Always MONITOR_RULES, but for a simulation that leaves one out to see whether anyone notices. */
  readonly rules: MonitorRules
}

/** Non-red without a break, on the lamp's clock, as its reports show. */
export interface Shown {
  readonly from: LightTime
  readonly until: LightTime
}

/** How commands of a lamp are ordered: by run, then by number. */
export type Numbers = Pick<Command, 'run' | 'n'>

export const isAfter = (a: Numbers, b: Numbers): boolean => a.run > b.run || (a.run === b.run && a.n > b.n)

interface Passed extends Numbers {
  readonly t: number
}

export interface BootWatch {
  readonly boot: string
  /** Every command to it that passed since was seen; the monitor's clock. */
  readonly since: number
  readonly clock: BootClock
  /** Whether its echoes tell the time, and the newest of them; null before the first. */
  readonly isDated: boolean
  readonly lastEcho: Sample | null
  /** Commands that may be echoed yet, lowest first, and when each passed first. */
  readonly passed: readonly Passed[]
  /** The highest that is remembered no more. */
  readonly forgotten: Numbers
  readonly granted: Granted
  /** The newest report by the lamp's clock; null before the first. */
  readonly newest: Report | null
  /** Since when it reports what no interval allows; null while it does not. */
  readonly unallowedSince: LightTime | null
  /** Oldest first. */
  readonly shown: readonly Shown[]
}

/** Greens remembered for each boot: what conflicts with an older one was seen when that ended. */
const SHOWN_MAX = 4

export const newBootWatch = (boot: string, since: number): BootWatch => ({
  boot,
  since,
  clock: UNKNOWN,
  isDated: false,
  lastEcho: null,
  passed: [],
  forgotten: { run: 0, n: 0 },
  granted: NOTHING_GRANTED,
  newest: null,
  unallowedSince: null,
  shown: [],
})

/** A command to this boot passes at `t`. */
export function commandPasses(settings: MonitorSettings, watch: BootWatch, command: Command, t: number): BootWatch {
  const { crossing, rules } = settings
  const { run, n } = command
  const granted = withCommand(watch.granted, command, crossing.constants.lateMs)
  if (!rules.M2(watch, command)) return { ...watch, granted }
  const passed = [...watch.passed, { run, n, t }].sort((a, b) => (isAfter(a, b) ? 1 : -1))
  const [lowest] = passed
  if (passed.length <= COMMANDS_REMEMBERED || lowest === undefined) return { ...watch, granted, passed }
  return { ...watch, granted, passed: passed.slice(1), forgotten: lowest }
}

/** A report of this boot passes at `t`; one that is old, or not of a sound mind, changes nothing. */
export function reportPasses(settings: MonitorSettings, watch: BootWatch, report: Report, t: number): BootWatch {
  const { crossing, rules } = settings
  if (!rules.M1(watch.newest, report)) return watch
  const { rho } = crossing.constants
  const echo = echoOf(watch, report)
  const isDated = watch.isDated || rules.M7(watch, report, echo)
  const heard = withReport(watch.clock, rho, report.now, t)
  const clock = echo !== null && isDated ? withEcho(heard, rho, echo) : heard
  // Nothing that rests on a clock that broke its bound is believed, nor that all commands of its past were seen.
  if (rules.M3(clock, rho, report.now)) return newBootWatch(watch.boot, t)
  const shown = shownAfter(settings, watch, report)
  const next: BootWatch = { ...watch, clock, isDated, lastEcho: echo ?? watch.lastEcho, newest: report, shown }
  const isAllowed = !isNonRed(report.aspect) || isExplained(settings, next, report)
  return { ...next, unallowedSince: isAllowed ? null : (watch.unallowedSince ?? report.now) }
}

/** When the command passed that a report echoes, and when the lamp took it; null where that command was not seen. */
function echoOf({ passed }: BootWatch, { run, n, at }: Report): Sample | null {
  const command = passed.find((one) => one.run === run && one.n === n)
  return command === undefined ? null : { at, t: command.t }
}

/** Whether an honest lamp may show this, as far as is known. */
function isExplained({ crossing, rules }: MonitorSettings, watch: BootWatch, report: Report): boolean {
  // No lamp is non-red before it took a command.
  if (report.run === 0) return false
  // Another file has other times; that it differs is told by the controller.
  if (report.file !== crossing.digest) return true
  const { constants } = crossing
  // L3: no interval taken until `at` reaches further.
  if (report.now > report.at + constants.horizonMs + constants.lateMs) return false
  if (!rules.M5(watch, report, constants)) return true
  return allows(watch.granted, report, constants)
}

/** What its reports have shown, the newest included. */
function shownAfter(
  settings: MonitorSettings,
  { newest, shown, granted }: BootWatch,
  report: Report,
): readonly Shown[] {
  const last = shown.at(-1)
  const until = newest === null || !isNonRed(newest.aspect) ? null : lastsUntil(settings, granted, newest, report)
  const before = last === undefined || until === null ? shown : [...shown.slice(0, -1), { from: last.from, until }]
  if (!isNonRed(report.aspect) || until === report.now) return before
  return [...before.slice(1 - SHOWN_MAX), { from: report.now, until: report.now }]
}

/** Until when the non-red of one report surely lasted, seen from the next. */
function lastsUntil({ crossing, rules }: MonitorSettings, granted: Granted, before: Report, report: Report): LightTime {
  const { lateMs, amberMs } = crossing.constants
  // It took the other run when its own interval was over, at a time that nobody knows.
  if (before.run !== report.run) return before.now
  const red = rules.M4(redAfter(granted, before, lateMs), report)
  if (red !== null && report.now <= red + lateMs) return report.now
  // A red in between takes an amber first.
  const isJoined = isLater(before.aspect, report.aspect) && report.now - before.now <= amberMs
  if (isJoined) return report.now
  return red === null || red < before.now ? before.now : red
}

const PHASES: readonly Aspect[] = ['red-amber', 'green', 'amber']

/** Whether `next` may follow `aspect` without a red in between. */
const isLater = (aspect: Aspect, next: Aspect): boolean =>
  isNonRed(next) && PHASES.indexOf(aspect) <= PHASES.indexOf(next)
