/** Whether two lights had right of way at one time, by what their lamps reported; and the time between two of them. */
import { isNonRed } from '../../protocol/aspect.ts'
import type { Bar, LightRecord } from './light-record.ts'

/** A stretch of right of way, green and amber together, page time, ms. */
interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

const isRightOfWay = ({ shown }: Bar): boolean => shown !== 'unknown' && isNonRed(shown)

/** Whether its lamp shows green or amber, as far as is known. */
export const hasRightOfWay = (light: LightRecord): boolean => light.bars.slice(-1).some(isRightOfWay)

/** The newest right of way of a light; until its last report where it lasts. */
function newestStretch({ bars, stampedMs }: LightRecord): Stretch | null {
  const last = bars.findLastIndex(isRightOfWay)
  if (last < 0) return null
  const first = bars.findLastIndex((bar, index) => index < last && !isRightOfWay(bar)) + 1
  const fromMs = bars[first]?.fromMs ?? 0
  return { fromMs, toMs: bars[last]?.toMs ?? stampedMs ?? fromMs }
}

/** How long the newest rights of way of two lights overlap, ms; 0 where they do not. */
export function conflictMs(a: LightRecord, b: LightRecord): number {
  const [one, other] = [newestStretch(a), newestStretch(b)]
  if (one === null || other === null) return 0
  return Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs))
}

/** From the end of a green to the start of a conflicting one, page time, ms. */
export interface Intergreen {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The intergreen before the newest green of a light: from the last end of a green among its rivals; null where it was
 * green itself in between, so that nothing had to be cleared.
 * Source: FHWA Traffic Signal Timing Manual, 2nd edition, glossary.
 */
export function newestIntergreen({ bars }: LightRecord, rivals: readonly LightRecord[]): Intergreen | null {
  const index = bars.findLastIndex(isGreen)
  const green = bars[index]
  if (green === undefined) return null
  const ends = rivals.flatMap((rival) => rival.bars.findLast((bar) => isGreen(bar) && endOf(bar) <= green.fromMs) ?? [])
  const fromMs = Math.max(...ends.map(endOf))
  const before = bars.findLast((bar, at) => at < index && isGreen(bar))
  if (ends.length === 0 || (before !== undefined && endOf(before) > fromMs)) return null
  return { fromMs, toMs: green.fromMs }
}

const isGreen = ({ shown }: Bar): boolean => shown === 'green'
const endOf = ({ toMs }: Bar): number => toMs ?? Number.POSITIVE_INFINITY
