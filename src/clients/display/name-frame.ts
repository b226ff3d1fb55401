/** The name of a light on its panel, so that a room of them can be told apart before any is commanded. Pure. */
import { columnsOf, GLYPH_ROWS } from './font.ts'
import { PANEL_SIDE, type Rgb } from './frame.ts'

/** A name moves by a column this often, ms. */
export const SCROLL_MS = 125

/** Of the five rows of letters on the eight of a panel. */
const ROWS_ABOVE = 1

/** Red means stop, and black may mean nothing else: no name ever has another colour. */
const RED: Rgb = [255, 0, 0]
const BLACK: Rgb = [0, 0, 0]

/** The pixels of `name` at `nowMs`: it comes in from the right, goes out at the left, and begins again. */
export function namePixels(name: string, nowMs: number): readonly Rgb[] {
  const columns = columnsOf(name)
  const shift = Math.floor(nowMs / SCROLL_MS) % (columns.length + PANEL_SIDE)
  return Array.from({ length: PANEL_SIDE * PANEL_SIDE }, (_, pixel) => {
    const row = Math.floor(pixel / PANEL_SIDE) - ROWS_ABOVE
    const column = columns[(pixel % PANEL_SIDE) + shift - PANEL_SIDE]
    return row >= 0 && row < GLYPH_ROWS && column?.[row] === true ? RED : BLACK
  })
}
