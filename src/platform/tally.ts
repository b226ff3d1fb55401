import type { Clock } from './clock.ts'

/** Writes one fact to a log: one of a Logger's calls. */
export type LogFact = (fields: object, event: string) => void

/** Between two lines of the log about the same thing, ms. */
const QUIET_MS = 10_000

/** Different things that are told apart; beyond, nothing new is logged until an old one is quiet. */
const KINDS_MAX = 256

/**
 * Logs what may come by the thousand, a flood of garbage for one: the first of a kind at once, then at most a line in
 * 10 s, with how many there were since.
 */
export function tally(clock: Clock, log: LogFact): (kind: string, fields: object, event: string) => void {
  const kinds = new Map<string, { loggedAt: number; count: number }>()
  return (kind, fields, event) => {
    const now = clock.monotonicMs()
    const known = kinds.get(kind)
    if (known === undefined) {
      forgetQuiet(kinds, now)
      if (kinds.size >= KINDS_MAX) return
    } else if (now - known.loggedAt < QUIET_MS) {
      known.count++
      return
    }
    const count = (known?.count ?? 0) + 1
    kinds.set(kind, { loggedAt: now, count: 0 })
    log(count === 1 ? fields : { ...fields, count }, event)
  }
}

function forgetQuiet(kinds: Map<string, { loggedAt: number }>, now: number): void {
  if (kinds.size < KINDS_MAX) return
  for (const [kind, { loggedAt }] of kinds) if (now - loggedAt >= QUIET_MS) kinds.delete(kind)
}
