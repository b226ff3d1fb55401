/** What an operator can do: the mode of the crossing, and the reset of a monitor that has tripped. */
import { MODES, type Mode } from '../../protocol/mode.ts'
import type { CrossingModel } from '../model/crossing-model.ts'
import { type Outcome, outcomeOf, type Wish } from '../view/confirmation.ts'
import { html, setAttributes, setText } from './elements.ts'

export interface Operator {
  readonly element: HTMLElement
  /** Shows the controls to an operator, to others what that would take; to neither before it is known. */
  draw(model: CrossingModel, nowMs: number, isOperator: boolean | null): void
}

/** How long a confirmation stays, ms. */
const SAID_MS = 10_000

const MODE_WORDS: Readonly<Record<Mode, string>> = { auto: 'Auto', hold: 'Hold: all red', flash: 'Flash' }

export function createOperator(crossing: string, send: (wish: Wish) => void): Operator {
  let asked: { readonly wish: Wish; readonly atMs: number } | null = null
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
  const onlooker = html(
    'p',
    { class: 'quiet-line', hidden: true },
    `You may look on. To hold it, make it flash or reset its monitor takes a user with the role admin of ${crossing}.`,
  )
  const group = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Mode' }, ...buttons.map(([, one]) => one))
  const element = html(
    'section',
    { class: 'card operator', 'aria-labelledby': 'operator-title' },
    html('h2', { id: 'operator-title' }, 'Operate'),
    group,
    reset,
    words,
    onlooker,
  )

  const say = (outcome: Outcome): void => {
    setText(words, outcome.words)
    if (outcome.kind === 'waiting') return
    // What came true is said for a while; what comes after it is another story.
    asked = null
    clearMs = outcome.kind === 'done' ? nowMs + SAID_MS : Number.POSITIVE_INFINITY
  }

  return {
    element,
    draw(model, atMs, isOperator) {
      nowMs = atMs
      if (asked !== null) say(outcomeOf(asked.wish, { model, askedMs: asked.atMs, nowMs }))
      if (nowMs > clearMs) setText(words, '')
      for (const [mode, button] of buttons) {
        setAttributes(button, { 'aria-pressed': String(model.mode === mode), disabled: !model.link.isUp })
      }
      setAttributes(element, { hidden: isOperator === null })
      setAttributes(onlooker, { hidden: isOperator === true })
      setAttributes(group, { hidden: isOperator !== true })
      setAttributes(reset, { hidden: isOperator !== true || model.trip?.tripped !== true, disabled: !model.link.isUp })
    },
  }
}
