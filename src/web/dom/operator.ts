/** What an operator can do: the mode of the crossing, and the reset of a monitor that has tripped. */
import { MODES, type Mode } from '../../protocol/mode.ts'
import type { CrossingModel } from '../model/crossing-model.ts'
import { type Outcome, outcomeOf, type Wish } from '../view/confirmation.ts'
import { html, setAttributes, setText } from './elements.ts'

export interface Operator {
  readonly element: HTMLElement
  draw(model: CrossingModel, nowMs: number): void
}

/** How long a confirmation stays, ms. */
const SAID_MS = 10_000

const MODE_WORDS: Readonly<Record<Mode, string>> = { auto: 'Auto', hold: 'Hold: all red', flash: 'Flash' }

export function createOperator(username: string, send: (wish: Wish) => void): Operator {
  let asked: { readonly wish: Wish; readonly atMs: number } | null = null
  let isRefused = false
  let nowMs = 0
  let clearMs = Number.POSITIVE_INFINITY
  const ask = (wish: Wish): void => {
    asked = { wish, atMs: nowMs }
    clearMs = Number.POSITIVE_INFINITY
    send(wish)
  }
  const buttons = MODES.map((mode) => {
    const button = html('button', { type: 'button', 'aria-pressed': 'false' }, MODE_WORDS[mode])
    button.addEventListener('click', () => ask({ kind: 'mode', mode }))
    return [mode, button] as const
  })
  const reset = html('button', { type: 'button', class: 'danger', hidden: true }, 'Reset the monitor')
  reset.addEventListener('click', () => ask({ kind: 'reset' }))
  const words = html('p', { class: 'words', role: 'status' })
  const group = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Mode' }, ...buttons.map(([, one]) => one))
  const element = html(
    'section',
    { class: 'card operator', 'aria-labelledby': 'operator-title' },
    html('h2', { id: 'operator-title' }, 'Operate'),
    group,
    reset,
    words,
  )

  const say = (outcome: Outcome): void => {
    setText(words, outcome.words)
    isRefused ||= outcome.kind === 'refused'
    if (outcome.kind === 'waiting') return
    // What came true is said for a while; what comes after it is another story.
    asked = null
    clearMs = outcome.kind === 'done' ? nowMs + SAID_MS : Number.POSITIVE_INFINITY
  }

  return {
    element,
    draw(model, atMs) {
      nowMs = atMs
      if (asked !== null) say(outcomeOf(asked.wish, { model, askedMs: asked.atMs, nowMs, username }))
      if (nowMs > clearMs) setText(words, '')
      for (const [mode, button] of buttons) {
        setAttributes(button, { 'aria-pressed': String(model.mode === mode), disabled: !model.link.isUp })
      }
      setAttributes(group, { hidden: isRefused })
      setAttributes(reset, { hidden: isRefused || model.trip?.tripped !== true, disabled: !model.link.isUp })
    },
  }
}
