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

/** From the end of a green to the start of a conflicting one. */
export interface Intergreen {
  readonly from: string
  readonly to: string
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The intergreen before each green of `to`: from the last end, after `sinceMs`, of a green that conflicts with it.
 * Source: FHWA Traffic Signal Timing Manual, 2nd edition, glossary.
 */
export function intergreensOf(
  to: string,
  lights: ReadonlyMap<string, LightRecord>,
  { conflicting, sinceMs }: { readonly conflicting: readonly string[]; readonly sinceMs: number },
): readonly Intergreen[] {
  const ends = conflicting
    .flatMap((from) =>
      (lights.get(from)?.bars ?? []).flatMap(({ shown, toMs }) =>
        shown === 'green' && toMs !== null && toMs > sinceMs ? [{ from, fromMs: toMs }] : [],
      ),
    )
    .sort((a, b) => a.fromMs - b.fromMs)
  const greens = (lights.get(to)?.bars ?? []).filter(({ shown }) => shown === 'green')
  return greens.flatMap((green, index) => {
    const end = ends.findLast(({ fromMs }) => fromMs <= green.fromMs)
    const before = greens[index - 1]
    // Where it was green itself in between, nothing had to be cleared.
    if (end === undefined || (before !== undefined && (before.toMs ?? 0) > end.fromMs)) return []
    return [{ ...end, to, toMs: green.fromMs }]
  })
}
