/** What came of an operator's wish: by what the broker keeps, and by what the lamps then report. Pure. */
import type { Mode } from '../../protocol/mode.ts'
import type { CrossingModel } from '../model/crossing-model.ts'
import { type Shown, shownBy } from '../model/light-record.ts'
import { ASPECT_WORDS } from './words.ts'

export type Wish = { readonly kind: 'mode'; readonly mode: Mode } | { readonly kind: 'reset' }

export interface Outcome {
  readonly kind: 'waiting' | 'done' | 'failed'
  readonly words: string
}

/** The broker shows what it keeps at once; one that is frozen, or a right that was lost meanwhile, says nothing. */
const ANSWER_MS_MAX = 3000

export function outcomeOf(
  wish: Wish,
  { model, askedMs, nowMs }: { model: CrossingModel; askedMs: number; nowMs: number },
): Outcome {
  const isTaken = wish.kind === 'mode' ? model.mode === wish.mode : model.trip?.tripped !== true
  if (isTaken)
    return wish.kind === 'mode' ? shownAs(wish.mode, model) : { kind: 'done', words: 'The monitor is reset.' }
  if (nowMs - askedMs < ANSWER_MS_MAX) return { kind: 'waiting', words: 'Asking the broker…' }
  return { kind: 'failed', words: 'Nothing happened: the broker did not take it up.' }
}

/** What all lamps report in a mode; in `auto` one of them is enough. */
const WANTED: Readonly<Record<Mode, Shown>> = { hold: 'red', flash: 'flashing-red', auto: 'green' }

function shownAs(mode: Mode, { lights }: CrossingModel): Outcome {
  const shown = [...lights.values()].map(shownBy)
  const wanted = WANTED[mode]
  const isShown = mode === 'auto' ? shown.includes(wanted) : shown.every((one) => one === wanted)
  const which = mode === 'auto' ? 'a lamp reports' : 'all lamps report'
  return isShown
    ? { kind: 'done', words: `Mode ${mode}: ${which} ${ASPECT_WORDS[wanted]}.` }
    : { kind: 'waiting', words: `Mode ${mode} is set: waiting until ${which} ${ASPECT_WORDS[wanted]}…` }
}
