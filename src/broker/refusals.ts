/** Counts what one connection was refused: for a log that cannot be flooded, and to cut who does nothing else. */

/** Refusals are counted, and a topic is logged, once in this time, ms. */
const WINDOW_MS = 10_000

/** More refusals in one window: not a mistake in somebody's settings, but a flood. */
const REFUSALS_MAX = 1000

/** Subjects that are told apart; all others are one. */
const SUBJECTS_MAX = 50

const OTHERS = 'other topics'

/** As much of a subject as is kept and logged, characters. */
const SUBJECT_CHARACTERS_MAX = 120

export interface Refusal {
  /** What to log now, with how many refusals it stands for; null where that subject was logged a moment ago. */
  readonly log: { readonly subject: string; readonly count: number } | null
  /** The connection is to be cut. */
  readonly isFlood: boolean
}

export class Refusals {
  /** Null until there is one: most connections are never refused anything. */
  #subjects: Map<string, { loggedMs: number; unlogged: number }> | null = null
  #windowMs = Number.NEGATIVE_INFINITY
  #inWindow = 0

  note(topic: string, nowMs: number): Refusal {
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs
      this.#inWindow = 0
    }
    this.#inWindow += 1
    return { log: this.#logged(topic, nowMs), isFlood: this.#inWindow > REFUSALS_MAX }
  }

  #logged(topic: string, nowMs: number): Refusal['log'] {
    this.#subjects ??= new Map()
    const name = topic.slice(0, SUBJECT_CHARACTERS_MAX)
    const subject = this.#subjects.has(name) || this.#subjects.size < SUBJECTS_MAX ? name : OTHERS
    const last = this.#subjects.get(subject) ?? { loggedMs: Number.NEGATIVE_INFINITY, unlogged: 0 }
    if (nowMs - last.loggedMs < WINDOW_MS) {
      last.unlogged += 1
      return null
    }
    this.#subjects.set(subject, { loggedMs: nowMs, unlogged: 0 })
    return { subject, count: last.unlogged + 1 }
  }
}
