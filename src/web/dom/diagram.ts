/** The timing diagram: a row per light, time running left, now at the line. */
import type { CrossingModel } from '../model/crossing-model.ts'
import { HISTORY_MS } from '../model/light-record.ts'
import type { Mark } from '../model/mark.ts'
import { intendedShapes, readingAt, shownShapes } from '../view/diagram.ts'
import { seconds } from '../view/words.ts'
import { createDiagramView, SPANS } from './diagram-view.ts'
import { html, setAttributes, setText, svg } from './elements.ts'
import { GLYPHS } from './glyphs.ts'
import { createRow, ROW_HEIGHT, type Row, type Scale } from './row.ts'

export interface Diagram {
  readonly element: HTMLElement
  draw(model: CrossingModel, nowMs: number, isStill: boolean): void
}

/** And how far ahead, as a share of that. */
const AHEAD = 0.06

/** Rows for events, above those of lights. */
const MARKS_HEIGHT = 22

/** Shapes are drawn this far beyond now, so that what lasts need not be redrawn for every frame, ms. */
const LEAD_MS = 2000

/** Positions are counted from an origin that is moved before they lose precision, ms. */
const ORIGIN_AGE_MS = 600_000

interface DrawnLight {
  readonly shown: Row
  readonly intended: Row
}

export function createDiagram(): Diagram {
  const view = createDiagramView()
  const { plot, past, ahead, names, reading } = view
  let model: CrossingModel | null = null
  let frozen: { readonly model: CrossingModel; readonly nowMs: number } | null = null
  let nowMs = 0
  let cursorMs: number | null = null
  let spanMs: number = SPANS[0]
  let width = 0
  let originMs = 0
  let drawnUntilMs = 0
  let drawnModel: CrossingModel | null = null
  let lights: ReadonlyMap<string, DrawnLight> = new Map()
  let marks: ReadonlyMap<Mark, SVGElement> = new Map()

  const scale = (): Scale => ({ originMs, pixelsPerMs: width / (spanMs * (1 + AHEAD)) })
  const nowX = (): number => width / (1 + AHEAD)

  const rebuild = (shown: CrossingModel): void => {
    originMs = nowMs
    drawnModel = null
    for (const track of [past, ahead]) track.clear()
    const rows = [...shown.lights.keys()].map((name, index) => {
      const top = MARKS_HEIGHT + index * ROW_HEIGHT
      return [name, { shown: createRow(past, top), intended: createRow(ahead, top) }] as const
    })
    lights = new Map(rows)
    marks = new Map()
    names.replaceChildren(html('li', { class: 'events-name' }, 'events'), ...rows.map(([name]) => html('li', {}, name)))
    plot.style.height = `${MARKS_HEIGHT + rows.length * ROW_HEIGHT}px`
  }

  const drawRows = (shown: CrossingModel): void => {
    const before = drawnModel
    const sinceMs = nowMs - spanMs
    const renews = nowMs > drawnUntilMs - LEAD_MS / 2
    if (before === shown && !renews) return
    if (renews) drawnUntilMs = nowMs + LEAD_MS
    for (const [name, row] of lights) {
      const light = shown.lights.get(name)
      if (light === undefined) continue
      const known = before?.lights.get(name)
      if (renews || light.bars !== known?.bars || light.intergreens !== known.intergreens)
        row.shown.draw(shownShapes(light, sinceMs), scale(), drawnUntilMs)
      if (renews || light.intents !== known?.intents) {
        const redAmberMs = shown.facts?.redAmberMs ?? 0
        row.intended.draw(intendedShapes(light, { redAmberMs, sinceMs }), scale(), drawnUntilMs)
      }
    }
    if (shown.marks !== before?.marks) drawMarks(shown.marks)
    drawnModel = shown
  }

  const drawMarks = (all: readonly Mark[]): void => {
    const { pixelsPerMs } = scale()
    const recent = all.filter(({ atMs }) => nowMs - atMs < HISTORY_MS)
    const next = new Map(recent.map((mark) => [mark, marks.get(mark) ?? markElement(mark, lights.size)] as const))
    for (const [mark, element] of marks) if (!next.has(mark)) past.remove(element)
    for (const [mark, element] of next) {
      setAttributes(element, { transform: `translate(${((mark.atMs - originMs) * pixelsPerMs).toFixed(2)} 0)` })
      if (!marks.has(mark)) past.add(element, mark.atMs)
    }
    marks = next
  }

  const drawCursor = (shown: CrossingModel): void => {
    const atMs = cursorMs === null ? null : Math.min(nowMs, Math.max(nowMs - spanMs, cursorMs))
    setAttributes(view.cursor, { hidden: atMs === null })
    if (atMs === null) {
      setText(reading, 'Point at the diagram, or use the arrow keys in it, to read what was shown at a time.')
      return
    }
    view.cursor.style.transform = `translateX(${(nowX() - (nowMs - atMs) * scale().pixelsPerMs).toFixed(1)}px)`
    setText(reading, `${seconds(nowMs - atMs)} ago. ${readingAt(shown, atMs, nowMs).join('; ')}`)
  }

  const layOut = (): boolean => {
    const next = plot.clientWidth
    if (next === width) return false
    width = next
    drawnModel = null
    return true
  }

  const paint = (shown: CrossingModel): void => {
    const names = [...shown.lights.keys()]
    const drawn = [...lights.keys()]
    const isOther =
      drawnModel === null || drawn.length !== names.length || drawn.some((name, row) => name !== names[row])
    if (isOther || nowMs - originMs > ORIGIN_AGE_MS) rebuild(shown)
    drawRows(shown)
    const x = wholePixels(nowX() - (nowMs - originMs) * scale().pixelsPerMs)
    for (const { element } of [past, ahead]) element.style.transform = `translateX(${x}px)`
    drawCursor(shown)
  }

  // In the same frame: what is drawn next may be a tenth of a second away, and would be out of scale until then.
  new ResizeObserver(() => {
    if (layOut() && model !== null) paint(frozen?.model ?? model)
  }).observe(plot)

  view.listen({
    span(next) {
      spanMs = next
      drawnModel = null
    },
    pause(isPaused) {
      frozen = isPaused && model !== null ? { model, nowMs } : null
    },
    point(x) {
      cursorMs = x === null ? null : nowMs - (nowX() - x) / scale().pixelsPerMs
    },
    step(byMs) {
      cursorMs = (cursorMs ?? nowMs) + byMs
    },
  })

  return {
    element: view.element,
    draw(next, atMs, isStill) {
      model = next
      // Who wants no motion gets a picture a second.
      nowMs = frozen?.nowMs ?? (isStill ? Math.floor(atMs / 1000) * 1000 : atMs)
      if (width === 0) layOut()
      paint(frozen?.model ?? next)
    },
  }
}

/** Of the screen: between two of them nothing would be seen but blurred edges, and everything be drawn again. */
const wholePixels = (x: number): number => Math.round(x * devicePixelRatio) / devicePixelRatio

function markElement({ kind, text }: Mark, rows: number): SVGElement {
  return svg(
    'g',
    { class: `mark mark-${kind}` },
    svg('title', {}, text),
    svg('line', { y1: MARKS_HEIGHT - 4, y2: MARKS_HEIGHT + rows * ROW_HEIGHT }),
    svg('text', { y: MARKS_HEIGHT - 8, 'text-anchor': 'middle' }, GLYPHS[kind]),
  )
}
