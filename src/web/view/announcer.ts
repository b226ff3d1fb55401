/** What a screen reader is told, and when: changes, and not each of a plan that just runs. Pure. */
import type { Why } from './why.ts'

export interface Announced {
  readonly topic: string
  readonly atMs: number
}

/** Between two announcements: of what is out of the ordinary, and of what goes on as ever, ms. */
const PAUSE_MS = 1500
const ROUTINE_PAUSE_MS = 15_000

/** What is to be said at `nowMs`; `before` itself where nothing is. */
export function announce(before: Announced, { topic, isRoutine }: Why, nowMs: number): Announced {
  if (topic === before.topic) return before
  return nowMs - before.atMs < (isRoutine ? ROUTINE_PAUSE_MS : PAUSE_MS) ? before : { topic, atMs: nowMs }
}
