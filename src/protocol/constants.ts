import { COMMANDS_REMEMBERED } from './limits.ts'

/** The numbers that every lamp and controller of a crossing share; part of the digest of its file. */
export interface Constants {
  /** Every light is commanded, and reports, this often, ms. */
  readonly heartbeatMs: number
  /** A light not heard for this long stops the plan; a lamp that is given nothing for this long flashes, ms. */
  readonly staleMs: number
  /** The furthest into a lamp's future that an interval may reach, ms. */
  readonly horizonMs: number
  /** Any two clocks differ in rate by less than this: 500 ppm of slewing and 100 ppm of crystal each, and a reserve. */
  readonly rho: number
  /** A display may go red this much late: late timer and dead-man together, ms. */
  readonly lateMs: number
  /** Between the end of a span and the start of a conflicting one, ms. */
  readonly allRedMs: number
  readonly amberMs: number
  /** Red and amber together before green, ms; the first part of a span. 0: not used. */
  readonly redAmberMs: number
  /** All red before the first stage, ms. */
  readonly startRedMs: number
  /** A stage is granted this long before it begins, ms. */
  readonly aheadMs: number
}

/** What a crossing file may set under `constants`; amber, red-amber and all-red stand in the file itself. */
export type TimingConstants = Omit<Constants, 'allRedMs' | 'amberMs' | 'redAmberMs'>

/** For roads and slow networks. Source: docs/protocol.md, Constants. */
export const DEFAULT_CONSTANTS: TimingConstants = {
  heartbeatMs: 500,
  staleMs: 2000,
  horizonMs: 10_000,
  rho: 0.002,
  lateMs: 200,
  startRedMs: 3000,
  aheadMs: 1500,
}

/** For a desk: every light changes every 3 s. Source: docs/protocol.md, Constants. */
export const DEMO_CONSTANTS: TimingConstants = {
  heartbeatMs: 200,
  staleMs: 1000,
  horizonMs: 4000,
  rho: 0.002,
  lateMs: 200,
  startRedMs: 500,
  aheadMs: 600,
}

/**
 * What is wrong with a set of constants, each in a sentence that names the field, the value and what to change; empty
 * where they fit each other.
 */
export function faultsOf(c: Constants): string[] {
  const faults: string[] = []
  const demand = (holds: boolean, sentence: string): void => {
    if (!holds) faults.push(sentence)
  }
  demand(
    c.lateMs >= LATE_MS_MIN,
    `lateMs is ${c.lateMs}: a stopped lamp is red after up to ${LATE_MS_MIN} ms, so make it at least ${LATE_MS_MIN}`,
  )
  demand(
    c.allRedMs > c.lateMs * (1 + c.rho),
    `allRedSeconds is ${c.allRedMs / 1000}: it must be more than lateMs x (1 + rho), ` +
      `${seconds(c.lateMs * (1 + c.rho))} s, or a late red meets the next green; make it longer`,
  )
  demand(
    c.amberMs > c.lateMs,
    `amberSeconds is ${c.amberMs / 1000}: it must be more than lateMs, ${seconds(c.lateMs)} s, or a late lamp shows ` +
      'drivers green and then red; make it longer, or lateMs shorter',
  )
  demand(
    c.staleMs > 3 * c.heartbeatMs,
    `staleMs is ${c.staleMs}: it must be more than 3 x heartbeatMs, ${3 * c.heartbeatMs}, or two lost messages ` +
      'stop the crossing; make it longer, or heartbeatMs shorter',
  )
  demand(
    c.staleMs <= STALE_HEARTBEATS_MAX * c.heartbeatMs,
    `staleMs is ${c.staleMs}: it must be at most ${STALE_HEARTBEATS_MAX} x heartbeatMs, ` +
      `${STALE_HEARTBEATS_MAX * c.heartbeatMs}, the commands whose time is remembered; make it shorter, or ` +
      'heartbeatMs longer',
  )
  const reachMs = c.aheadMs + c.redAmberMs + c.amberMs + 2 * c.heartbeatMs
  demand(
    c.horizonMs * (1 - c.rho) > reachMs,
    `horizonMs is ${c.horizonMs}: times (1 - rho) it must be more than aheadMs + red-amber + amber + ` +
      `2 x heartbeatMs, ${reachMs}, or a green cannot be renewed in time; make it longer`,
  )
  return faults
}

/** What this program's own dead-man takes at most, ms: 120 of silence, a tick, the kill and the frame. */
const LATE_MS_MIN = 200

/** A controller remembers the times of its last commands, and must know those that are not stale yet. */
const STALE_HEARTBEATS_MAX = COMMANDS_REMEMBERED / 2

/** Rounded to the next tenth of a millisecond, which is what the reader may write. */
const seconds = (ms: number): number => Math.ceil(ms * 10) / 10_000
