/** The last events in words, newest first: what the marks of the diagram stand for. */
import type { Mark } from '../model/mark.ts'
import { ago } from '../view/words.ts'
import { html, setAttributes, setText } from './elements.ts'
import { GLYPHS } from './glyphs.ts'

export interface Events {
  readonly element: HTMLElement
  draw(marks: readonly Mark[], nowMs: number): void
}

const EVENTS_SHOWN = 6

export function createEvents(): Events {
  const rows = Array.from({ length: EVENTS_SHOWN }, () => ({
    glyph: html('span', { class: 'event-glyph', 'aria-hidden': 'true' }),
    text: html('span'),
    time: html('span', { class: 'event-time' }),
  }))
  const items = rows.map(({ glyph, text, time }) => html('li', { hidden: true }, glyph, text, time))
  const none = html('p', { class: 'quiet-line' }, 'None so far.')
  const element = html(
    'section',
    { class: 'card events', 'aria-labelledby': 'events-title' },
    html('h2', { id: 'events-title' }, 'Events'),
    none,
    html('ul', {}, ...items),
  )
  return {
    element,
    draw(marks, nowMs) {
      const newest = marks.slice(-EVENTS_SHOWN).reverse()
      setAttributes(none, { hidden: newest.length > 0 })
      for (const [index, { glyph, text, time }] of rows.entries()) {
        const mark = newest[index]
        const item = items[index]
        if (item !== undefined)
          setAttributes(item, { hidden: mark === undefined, class: `mark-${mark?.kind ?? 'none'}` })
        if (mark === undefined) continue
        setText(glyph, GLYPHS[mark.kind])
        setText(text, mark.text)
        setText(time, ago(nowMs - mark.atMs))
      }
    },
  }
}
