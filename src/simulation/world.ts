/** What the parts of an episode share. */
import type { Crossing } from '../protocol/crossing.ts'
import type { Network } from './network.ts'
import type { Oracle } from './oracle.ts'
import type { SeededRandom } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { Ways } from './ways.ts'

export interface World {
  readonly timeline: Timeline
  readonly crossing: Crossing
  readonly ways: Ways
  readonly oracle: Oracle
  readonly network: Network
  /** Lateness of timers and the like. */
  readonly random: SeededRandom
  /** How late timers usually are, ms at most. */
  readonly timerMs: number
  /** Told what happens, where somebody will read it. */
  readonly tell: ((text: string) => void) | null
}

/** Timers that are late by more than the usual: one in this many. */
const SLOW_TIMER = 50
const SLOW_TIMER_MS = 60

/** How late a timer is now, ms. Never 0: a timer that comes a rounding early would be set again for the same moment. */
export function timerLatenessMs({ random, timerMs }: World): number {
  const max = timerMs > 0 && random.chance(1 / SLOW_TIMER) ? SLOW_TIMER_MS : timerMs
  return 0.01 + random.between(0, max)
}
