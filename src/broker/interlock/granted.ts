/** What one boot of a lamp was granted by the commands that passed: when it may be non-red, on its own clock. */
import type { Aspect, LightTime } from '../../protocol/aspect.ts'
import type { Constants } from '../../protocol/constants.ts'
import type { Command, Report } from '../../protocol/wire.ts'

/** Intervals of one run that overlap, taken together: each command tells the same span in slightly better times. */
interface Grant {
  readonly run: number
  /** The least number of their commands. */
  readonly n: number
  readonly fromMin: LightTime
  readonly fromMax: LightTime
  readonly untilMin: LightTime
  readonly untilMax: LightTime
  readonly redMax: LightTime
}

export interface Granted {
  /** Oldest first. */
  readonly grants: readonly Grant[]
  /** Nothing is known of intervals that may still have been shown before this; some were forgotten. */
  readonly knownFrom: number
}

export const NOTHING_GRANTED: Granted = { grants: [], knownFrom: Number.NEGATIVE_INFINITY }

/** Spans remembered for each boot: over a minute of the shortest. */
const GRANTS_MAX = 16

/** Notes the interval of a command, whether or not the lamp takes it. */
export function withCommand(granted: Granted, { run, n, green }: Command, lateMs: number): Granted {
  // What is empty or out of order no lamp shows.
  if (green === undefined || !(green.from <= green.until && green.until <= green.red && green.from < green.red)) {
    return granted
  }
  const { from, until, red } = green
  const isSame = (grant: Grant): boolean => grant.run === run && from <= grant.redMax && red >= grant.fromMin
  const joined = granted.grants.filter(isSame).reduce<Grant>(join, {
    run,
    n,
    fromMin: from,
    fromMax: from,
    untilMin: until,
    untilMax: until,
    redMax: red,
  })
  const grants = [...granted.grants.filter((grant) => !isSame(grant)), joined]
  const [oldest] = grants
  if (grants.length <= GRANTS_MAX || oldest === undefined) return { ...granted, grants }
  return { grants: grants.slice(1), knownFrom: Math.max(granted.knownFrom, oldest.redMax + lateMs) }
}

const join = (a: Grant, b: Grant): Grant => ({
  run: a.run,
  n: Math.min(a.n, b.n),
  fromMin: least(a.fromMin, b.fromMin),
  fromMax: most(a.fromMax, b.fromMax),
  untilMin: least(a.untilMin, b.untilMin),
  untilMax: most(a.untilMax, b.untilMax),
  redMax: most(a.redMax, b.redMax),
})

const least = (a: LightTime, b: LightTime): LightTime => (a < b ? a : b)
const most = (a: LightTime, b: LightTime): LightTime => (a > b ? a : b)

/** What a lamp that echoes `run` and `n` may hold: L2 lets it take a newer run only when it holds nothing of an older. */
const heldBy = ({ grants }: Granted, { run, n }: Report): readonly Grant[] =>
  grants.filter((grant) => grant.run === run && grant.n <= n)

/**
 * Whether one of the intervals explains the aspect that is reported. A report may be stamped `lateMs` after the lamp
 * looked at its clock, and non-red is shown that much too long at most.
 */
export function allows(granted: Granted, report: Report, { lateMs, redAmberMs }: Constants): boolean {
  return heldBy(granted, report).some((grant) => {
    const [from, to] = timesOf(grant, report.aspect, redAmberMs)
    return report.now >= from && report.now < to + lateMs
  })
}

function timesOf(grant: Grant, aspect: Aspect, redAmberMs: number): readonly [number, number] {
  switch (aspect) {
    case 'red-amber':
      return [grant.fromMin, Math.min(grant.fromMax + redAmberMs, grant.untilMax)]
    case 'green':
      return [grant.fromMin + redAmberMs, grant.untilMax]
    case 'amber':
      return [grant.untilMin, grant.redMax]
    case 'red':
    case 'flashing-red':
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    default:
      throw new TypeError(`unknown aspect ${aspect satisfies never}`)
  }
}

/** When the red of what explains a report comes at the latest, `lateMs` aside; null where nothing known explains it. */
export function redAfter(granted: Granted, report: Report, lateMs: number): LightTime | null {
  const reds = heldBy(granted, report)
    .filter(({ fromMin, redMax }) => report.now >= fromMin && report.now < redMax + lateMs)
    .map(({ redMax }) => redMax)
  return reds.length === 0 ? null : reds.reduce(most)
}
