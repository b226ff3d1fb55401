/** What a light shows, as a pure function of the interval it holds and of its own clock. */

/** A time on a light's own clock, ms. Branded, so that a time of the controller's clock cannot be sent as one. */
export type LightTime = number & { readonly clock: 'light' }

/** Marks a number as a time on a light's clock: where the clock is read, and where a bound or a parser made it. */
export const lightTime = (ms: number): LightTime => ms as LightTime

export const ASPECTS = ['red', 'red-amber', 'green', 'amber', 'flashing-red'] as const
export type Aspect = (typeof ASPECTS)[number]

/** An interval in a light's own clock: green in [from, until), amber in [until, red), red outside. */
export interface Interval {
  readonly from: LightTime
  readonly until: LightTime
  readonly red: LightTime
}

/** The interval that means red: over since the clock began. */
export const RED: Interval = { from: lightTime(0), until: lightTime(0), red: lightTime(0) }

/** Whether traffic may take this aspect for right of way. Flashing red means stop. */
export function isNonRed(aspect: Aspect): boolean {
  return aspect === 'green' || aspect === 'amber' || aspect === 'red-amber'
}

/**
 * The aspect of `interval` at `now`; never flashing, since that depends on what was given when.
 * Red-amber, where `redAmberMs` is above 0, is the first part of green.
 */
export function aspectAt(interval: Interval, redAmberMs: number, now: LightTime): Exclude<Aspect, 'flashing-red'> {
  // Asked so that a number that is none answers red.
  if (!(now >= interval.from && now < interval.red)) return 'red'
  if (!(now < interval.until)) return 'amber'
  return now >= interval.from + redAmberMs ? 'green' : 'red-amber'
}

/** The next time after `now` at which `aspectAt` gives something else, or Infinity. */
export function nextChange(interval: Interval, redAmberMs: number, now: LightTime): number {
  const { from, until, red } = interval
  const changes = [from, Math.min(from + redAmberMs, until), until, red]
  return changes.find((at) => at > now) ?? Number.POSITIVE_INFINITY
}

/** Flashes a minute. Source: MUTCD 4A.01: 50 to 60, lit half to two thirds of the time. */
const FLASHES_PER_MINUTE = 55
/** Half a period of flashing red, ms: lit for one half, dark for the other. Whole, so that its multiples are exact. */
export const FLASH_HALF_MS = Math.round(60_000 / FLASHES_PER_MINUTE / 2)

/** Whether flashing red is lit at `now`. */
export const flashIsLit = (now: LightTime): boolean => Math.floor(now / FLASH_HALF_MS) % 2 === 0

/** When the flash next goes on or off after `now`. */
export const nextFlash = (now: LightTime): number => (Math.floor(now / FLASH_HALF_MS) + 1) * FLASH_HALF_MS
