/** Events that the diagram marks. */

export type MarkKind =
  /** The plan stops: a light was lost, or nobody is in charge. */
  | 'stop'
  /** The plan runs again. */
  | 'start'
  /** A lamp or a controller was started anew. */
  | 'restart'
  | 'trip'
  | 'reset'
  | 'mode'
  /** Somebody was not let in. */
  | 'refused'
  /** This page lost the broker, or has it again. */
  | 'link'
  /** A fault that somebody asked for. */
  | 'lab'
  /** Two conflicting lights were non-red at one time. */
  | 'conflict'

export interface Mark {
  readonly atMs: number
  readonly kind: MarkKind
  readonly text: string
}

/** One per second of the diagram; a flood of events must not fill the page. */
export const MARKS_MAX = 120

/** The same event again within this time is the same one, ms. */
const SAME_MS = 1000

export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const isSame = ({ atMs, kind, text }: Mark): boolean =>
    kind === mark.kind && text === mark.text && mark.atMs - atMs < SAME_MS
  return marks.some(isSame) ? marks : [...marks.slice(1 - MARKS_MAX), mark]
}
