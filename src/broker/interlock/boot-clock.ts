/**
 * Where the monitor places the times of a lamp's clock on its own: between two bounds, each resting on one message that
 * it saw pass. They hold whatever the network did, as long as the two clocks differ in rate by less than rho.
 */
import type { LightTime } from '../../protocol/aspect.ts'

/** A time of the lamp's clock, and one of the monitor's that it lies before or after. */
export interface Sample {
  readonly at: LightTime
  readonly t: number
}

export interface BootClock {
  /** Of a report: it was stamped `at` before it passed at `t`. Null before the first. */
  readonly heard: Sample | null
  /** Of an echo: its command passed at `t` before the lamp took it `at`. Null before the first. */
  readonly echoed: Sample | null
}

/** Of a boot not heard yet: any time may be any. */
export const UNKNOWN: BootClock = { heard: null, echoed: null }

/** The latest that the lamp's clock can have read `at`, on the monitor's clock. */
export const latestOf = ({ heard }: BootClock, rho: number, at: LightTime): number =>
  heard === null ? Number.POSITIVE_INFINITY : heard.t + (at - heard.at) + slackMs(rho, at, heard.at)

/** The earliest that the lamp's clock can have read `at`, on the monitor's clock. */
export const earliestOf = ({ echoed }: BootClock, rho: number, at: LightTime): number =>
  echoed === null ? Number.NEGATIVE_INFINITY : echoed.t + (at - echoed.at) - slackMs(rho, at, echoed.at)

/** A report stamped `at` passed at `t`. It replaces the sample held where it says more. */
export const withReport = (clock: BootClock, rho: number, at: LightTime, t: number): BootClock =>
  t <= latestOf(clock, rho, at) ? { ...clock, heard: { at, t } } : clock

/** A command that passed at `t` was taken `at`. It replaces the sample held where it says more. */
export const withEcho = (clock: BootClock, rho: number, echo: Sample): BootClock =>
  echo.t >= earliestOf(clock, rho, echo.at) ? { ...clock, echoed: echo } : clock

/** Whether both bounds cannot hold `at`: one of the clocks stood still, was set, or a message told a lie. */
export const isBroken = (clock: BootClock, rho: number, at: LightTime): boolean =>
  earliestOf(clock, rho, at) > latestOf(clock, rho, at) + ROUNDING_MS

/** By how much two clocks may have moved apart between two times of the lamp's, ms. */
const slackMs = (rho: number, a: number, b: number): number => (rho / (1 - rho)) * Math.abs(a - b)

/** Times are doubles: a difference below this is none, ms. */
const ROUNDING_MS = 1e-3
