/** The elements of the timing diagram, and what people do to them. */
import { HISTORY_MS } from '../model/light-record.ts'
import { html, setAttributes, setText, svg } from './elements.ts'
import { createTrack } from './track.ts'

/** How far back it looks, to choose from, ms. */
export const SPANS = [30_000, 60_000, HISTORY_MS] as const

export interface ViewListener {
  span(spanMs: number): void
  pause(isPaused: boolean): void
  /** The pointer is there, in pixels from the left; null: it is gone. */
  point(x: number | null): void
  step(byMs: number): void
}

export function createDiagramView() {
  const past = createTrack()
  const ahead = createTrack()
  const cursor = html('div', { class: 'cursor', hidden: true })
  const reading = html('p', { class: 'reading', id: 'reading' })
  const plot = html(
    'div',
    {
      class: 'plot',
      tabindex: 0,
      role: 'group',
      'aria-label': 'Timing diagram: arrow keys read it, Escape leaves, space pauses',
      'aria-describedby': 'reading',
    },
    html('div', { class: 'past' }, past.element),
    html('div', { class: 'ahead' }, ahead.element),
    html('div', { class: 'now-line' }),
    cursor,
  )
  const names = html('ul', { class: 'row-names' })
  const pause = html('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause')
  const spans = SPANS.map((spanMs, index) =>
    html(
      'button',
      { type: 'button', 'aria-pressed': `${index === 0}`, value: spanMs },
      spanMs < 60_000 ? `${spanMs / 1000} s` : `${spanMs / 60_000} min`,
    ),
  )
  const element = html(
    'section',
    { class: 'card diagram', 'aria-labelledby': 'diagram-title' },
    html(
      'header',
      {},
      html('h2', { id: 'diagram-title' }, 'Timing diagram'),
      html('div', { class: 'buttons', role: 'group', 'aria-label': 'Time shown' }, ...spans),
      pause,
    ),
    html('div', { class: 'chart' }, names, plot),
    createAxis(),
    reading,
    createLegend(),
  )
  const listen = (listener: ViewListener): void => {
    const setPause = (isPaused: boolean): void => {
      setAttributes(pause, { 'aria-pressed': String(isPaused) })
      setText(pause, isPaused ? 'Go on' : 'Pause')
      listener.pause(isPaused)
    }
    const isPaused = (): boolean => pause.getAttribute('aria-pressed') === 'true'
    pause.addEventListener('click', () => setPause(!isPaused()))
    for (const button of spans) {
      button.addEventListener('click', () => {
        for (const one of spans) setAttributes(one, { 'aria-pressed': String(one === button) })
        setAxis(element, Number(button.value))
        listener.span(Number(button.value))
      })
    }
    plot.addEventListener('pointermove', ({ clientX }) => listener.point(clientX - plot.getBoundingClientRect().left))
    plot.addEventListener('pointerleave', () => listener.point(null))
    plot.addEventListener('keydown', (event) => {
      const byMs = STEPS[event.key]
      if (byMs !== undefined) listener.step(event.shiftKey ? byMs / 10 : byMs)
      else if (event.key === 'Escape') listener.point(null)
      else if (event.key === ' ') setPause(!isPaused())
      else return
      event.preventDefault()
    })
    setAxis(element, SPANS[0])
  }
  return { element, plot, past, ahead, names, cursor, reading, listen }
}

/** Of the arrow keys, ms. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1000, ArrowRight: 1000 }

const TICKS = 6

const createAxis = (): HTMLElement =>
  html('ol', { class: 'axis', 'aria-hidden': 'true' }, ...Array.from({ length: TICKS + 1 }, () => html('li')))

function setAxis(element: HTMLElement, spanMs: number): void {
  for (const [index, tick] of [...element.querySelectorAll('.axis li')].entries()) {
    const agoSeconds = ((TICKS - index) * spanMs) / TICKS / 1000
    setText(tick, agoSeconds === 0 ? 'now' : `−${agoSeconds} s`)
  }
}

const LEGEND = [
  ['green', 'green'],
  ['amber', 'amber, red and amber'],
  ['red', 'red'],
  ['flashing-red', 'flashing red'],
  ['unknown', 'not heard'],
  ['intended-green', 'as commanded'],
] as const

const createLegend = (): HTMLElement =>
  html(
    'ul',
    { class: 'legend' },
    ...LEGEND.map(([look, words]) => html('li', {}, swatch(look), words)),
    html('li', {}, html('span', { class: 'legend-intergreen', 'aria-hidden': 'true' }, '├ 1.5 ┤'), 'intergreen, s'),
  )

function swatch(look: string): SVGElement {
  const [y, height] = look === 'red' || look === 'flashing-red' ? [8, 5] : look === 'amber' ? [5, 8] : [2, 12]
  return svg(
    'svg',
    { width: 26, height: 16, 'aria-hidden': 'true' },
    svg('rect', { class: `shape shape-${look}`, x: 1, y, width: 24, height }),
  )
}
