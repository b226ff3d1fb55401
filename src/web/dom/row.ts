/** One row of the timing diagram: shapes that are made once, moved never, and removed when they are no more. */

import type { Shape } from '../view/diagram.ts'
import { setAttributes, svg } from './elements.ts'
import type { Track } from './track.ts'

export interface Scale {
  /** Page time at x = 0. */
  readonly originMs: number
  readonly pixelsPerMs: number
}

export interface Row {
  /** Makes it show `shapes`; one that lasts is drawn until `untilMs`. */
  draw(shapes: readonly Shape[], scale: Scale, untilMs: number): void
}

/** Height of a row, and where its shapes lie in it. */
export const ROW_HEIGHT = 34
const BANDS: Readonly<Record<Shape['look'], readonly [top: number, height: number]>> = {
  red: [22, 6],
  'flashing-red': [22, 6],
  'red-amber': [14, 14],
  amber: [14, 14],
  green: [6, 22],
  unknown: [6, 22],
  'intended-green': [3, 28],
  'intended-amber': [11, 20],
  'intended-red-amber': [11, 20],
  intergreen: [13, 1],
}

/** A label needs this much room, pixels. */
const LABEL_WIDTH = 24

interface Drawn {
  readonly element: SVGElement
  shape: Shape
}

/** A row of `track`, which begins `top` pixels from above. */
export function createRow(track: Track, top: number): Row {
  const drawn = new Map<string, Drawn>()
  return {
    draw(shapes, scale, untilMs) {
      const keys = new Set(shapes.map(({ key }) => key))
      for (const [key, { element }] of drawn) {
        if (keys.has(key)) continue
        track.remove(element)
        drawn.delete(key)
      }
      for (const shape of shapes) {
        const known = drawn.get(shape.key)
        if (known !== undefined && isSame(known.shape, shape) && shape.toMs !== null) continue
        const next = known ?? { element: elementOf(shape), shape }
        if (known === undefined) track.add(next.element, shape.fromMs)
        place(next.element, shape, { ...scale, top, untilMs })
        next.shape = shape
        drawn.set(shape.key, next)
      }
    },
  }
}

const isSame = (a: Shape, b: Shape): boolean =>
  a.look === b.look && a.fromMs === b.fromMs && a.toMs === b.toMs && a.label === b.label

function elementOf({ look }: Shape): SVGElement {
  if (look !== 'intergreen') return svg('rect', { class: `shape shape-${look}` })
  return svg('g', { class: 'shape-intergreen' }, svg('path'), svg('text', { 'text-anchor': 'middle', y: 10 }))
}

interface Place extends Scale {
  readonly top: number
  readonly untilMs: number
}

function place(element: SVGElement, shape: Shape, { originMs, pixelsPerMs, top, untilMs }: Place): void {
  const x = (shape.fromMs - originMs) * pixelsPerMs
  const width = Math.max(0, ((shape.toMs ?? untilMs) - shape.fromMs) * pixelsPerMs)
  const [y, height] = BANDS[shape.look]
  const [path, text] = element.children
  if (path === undefined || text === undefined) {
    setAttributes(element, {
      class: `shape shape-${shape.look}`,
      x: x.toFixed(2),
      width: width.toFixed(2),
      y: top + y,
      height,
    })
    return
  }
  setAttributes(element, { transform: `translate(${x.toFixed(2)} ${top})` })
  setAttributes(path, { d: `M 0 ${y - 3} v 6 M 0 ${y} h ${width.toFixed(2)} M ${width.toFixed(2)} ${y - 3} v 6` })
  setAttributes(text, { x: (width / 2).toFixed(2) })
  text.textContent = width >= LABEL_WIDTH ? shape.label : ''
}
