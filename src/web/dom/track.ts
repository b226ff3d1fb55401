/**
 * What moves to the left as a whole, in slices of time. Each slice is painted by itself, so that a shape that is new or
 * grows has none painted anew but those of its slice.
 */
import { html, svg } from './elements.ts'

export interface Track {
  readonly element: HTMLElement
  /** Adds a shape that begins then. */
  add(shape: SVGElement, fromMs: number): void
  remove(shape: SVGElement): void
  clear(): void
}

/** Long enough that there are few slices, short enough that there are few shapes in one, ms. */
const SLICE_MS = 5000

export function createTrack(): Track {
  const element = html('div', { class: 'track' })
  const slices = new Map<string, SVGSVGElement>()
  const sliceAt = (fromMs: number): SVGSVGElement => {
    const key = `${Math.floor(fromMs / SLICE_MS)}`
    const known = slices.get(key)
    if (known !== undefined) return known
    const slice = svg('svg', { class: 'slice', 'data-key': key })
    slices.set(key, slice)
    element.append(slice)
    return slice
  }
  return {
    element,
    add: (shape, fromMs) => sliceAt(fromMs).append(shape),
    remove(shape) {
      const slice = shape.parentElement
      shape.remove()
      if (slice === null || slice.childElementCount > 0) return
      slice.remove()
      slices.delete(slice.dataset['key'] ?? '')
    },
    clear() {
      slices.clear()
      element.replaceChildren()
    },
  }
}
