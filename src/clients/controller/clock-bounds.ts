/**
 * What a controller knows of a light's clock: two numbers, each the best of all samples so far. Order, age and copies
 * of messages do not matter, since a worse sample loses the max or the min by itself.
 */
import { type LightTime, lightTime } from '../../protocol/aspect.ts'

export interface ClockBounds {
  /** The light reads at least `lo + (1 - rho) t` at the controller's t. */
  readonly lo: number
  /** The light reads at most `hi + (1 + rho) t` at the controller's t. */
  readonly hi: number
}

/** Of a boot not heard yet: anything is possible. */
export const UNKNOWN: ClockBounds = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY }

/** A report stamped `now` arrived: the controller's clock, read after, is `receivedAt`. */
export const heard = (bounds: ClockBounds, rho: number, now: LightTime, receivedAt: number): ClockBounds => ({
  ...bounds,
  lo: Math.max(bounds.lo, now - (1 - rho) * receivedAt),
})

/** A command was taken at `at`: the controller's clock, read before it was sent, was `sentAt`. */
export const echoed = (bounds: ClockBounds, rho: number, at: LightTime, sentAt: number): ClockBounds => ({
  ...bounds,
  hi: Math.min(bounds.hi, at - (1 + rho) * sentAt),
})

/** The least that the light's clock reads at the controller's `t`. */
export const earliest = (bounds: ClockBounds, rho: number, t: number): LightTime => lightTime(bounds.lo + (1 - rho) * t)

/** The most that the light's clock reads at the controller's `t`. */
export const latest = (bounds: ClockBounds, rho: number, t: number): LightTime => lightTime(bounds.hi + (1 + rho) * t)

/** How far apart the two are at `t`, ms; below 0, a clock broke its bound. */
export const widthMs = (bounds: ClockBounds, rho: number, t: number): number =>
  latest(bounds, rho, t) - earliest(bounds, rho, t)
