/** The whole page of who is logged in: picture, why line, diagram, and what may be done. */
import type { CrossingModel } from '../model/crossing-model.ts'
import { isControlled } from '../model/crossing-model.ts'
import type { LabFault } from '../model/lab.ts'
import { shownBy } from '../model/light-record.ts'
import { type Announced, announce } from '../view/announcer.ts'
import type { Wish } from '../view/confirmation.ts'
import { whyOf } from '../view/why.ts'
import { ASPECT_WORDS, minutes } from '../view/words.ts'
import { createDiagram } from './diagram.ts'
import { html, setAttributes, setText } from './elements.ts'
import { createEvents } from './events.ts'
import { createFigures } from './figures.ts'
import { createLab } from './lab.ts'
import { createOperator } from './operator.ts'
import { createPicture } from './picture.ts'

export interface ScreenActions {
  wish(wish: Wish): void
  fault(fault: LabFault, action: 'do' | 'undo'): void
  leave(): void
}

/** What the screen shows at one moment. */
export interface Scene {
  readonly model: CrossingModel
  readonly nowMs: number
  /** How the connection stands, in words; empty where all is well. */
  readonly notice: string
  /** Whether this user may act; null while that is not known. */
  readonly isOperator: boolean | null
  readonly lab: { readonly faults: readonly LabFault[]; readonly atMs: number }
  /** Whoever looks wants nothing to move that need not. */
  readonly isStill: boolean
}

export interface Screen {
  readonly element: HTMLElement
  draw(scene: Scene): void
}

export function createScreen(crossing: string, username: string, actions: ScreenActions): Screen {
  const notice = html('p', { class: 'notice', role: 'alert', hidden: true })
  const why = html('p', { class: 'why' })
  const said = html('p', { class: 'visually-hidden', 'aria-live': 'polite' })
  const aspects = html('ul', { class: 'visually-hidden', 'aria-label': 'Lights' })
  const watch = html('p', { class: 'watch' })
  const state = html('dl', { class: 'state' })
  const leave = html('button', { type: 'button', class: 'quiet' }, 'Log out')
  leave.addEventListener('click', actions.leave)
  const picture = createPicture()
  const diagram = createDiagram()
  const events = createEvents()
  const figures = createFigures()
  const operator = createOperator(crossing, actions.wish)
  const lab = createLab(actions.fault)
  const element = html(
    'div',
    { class: 'screen' },
    html(
      'header',
      { class: 'top' },
      html('h1', {}, `Crossing ${crossing}`),
      html('p', { class: 'user' }, username),
      leave,
    ),
    notice,
    html(
      'main',
      {},
      html('section', { class: 'card crossing', 'aria-label': 'The crossing' }, picture.element, aspects),
      html(
        'div',
        { class: 'side' },
        html(
          'section',
          { class: 'card', 'aria-labelledby': 'why-title' },
          html('h2', { id: 'why-title' }, 'Why'),
          why,
          state,
          watch,
        ),
        operator.element,
        lab.element,
        events.element,
      ),
      diagram.element,
      figures.element,
      said,
    ),
  )
  let announced: Announced = { topic: '', atMs: Number.NEGATIVE_INFINITY }

  return {
    element,
    draw({ model, nowMs, notice: words, isOperator, lab: { faults, atMs }, isStill }) {
      setText(notice, words)
      setAttributes(notice, { hidden: words === '' })
      const reason = whyOf(model, nowMs)
      setText(why, reason.text)
      announced = announce(announced, reason, nowMs)
      setText(said, announced.topic)
      drawState(state, model, nowMs)
      drawAspects(aspects, model)
      setText(watch, watchWords(model, nowMs))
      picture.draw(model, nowMs, isStill)
      diagram.draw(model, nowMs, isStill)
      events.draw(model.marks, nowMs)
      figures.draw(model, nowMs)
      operator.draw(model, nowMs, isOperator)
      lab.draw(faults, { atMs, nowMs })
    },
  }
}

function watchWords({ watch }: CrossingModel, nowMs: number): string {
  const time = minutes(nowMs - watch.sinceMs)
  if (watch.conflicts === 0) return `✓ No two conflicting lights non-red together in ${time} of watching.`
  return `✖ Conflicting lights were non-red together ${watch.conflicts} times in ${time} of watching.`
}

function drawState(list: HTMLElement, model: CrossingModel, nowMs: number): void {
  const { plan, mode } = model
  const entries = [
    ['mode', mode],
    ['stage', plan?.message.stage ?? '–'],
    ['controller', controllerWords(model, nowMs)],
  ] as const
  if (list.children.length === 0) {
    list.append(...entries.map(([name]) => html('div', {}, html('dt', {}, name), html('dd'))))
  }
  for (const [index, [, value]] of entries.entries()) {
    const cell = list.children[index]?.lastElementChild
    if (cell) setText(cell, value)
  }
}

function controllerWords(model: CrossingModel, nowMs: number): string {
  if (!model.link.isUp || !isControlled(model, nowMs)) return 'not heard'
  return model.plan?.message.run === null ? 'waiting' : 'in charge'
}

/** The picture in words, for who cannot see it. */
function drawAspects(list: HTMLElement, { lights }: CrossingModel): void {
  while (list.children.length > lights.size) list.lastElementChild?.remove()
  while (list.children.length < lights.size) list.append(html('li'))
  for (const [index, [name, light]] of [...lights].entries()) {
    const item = list.children[index]
    if (item !== undefined) setText(item, `${name}: ${ASPECT_WORDS[shownBy(light)]}`)
  }
}
