/** Panels of lights as rows of text, for a terminal. */
import type { Aspect } from '../../protocol/aspect.ts'
import { backgroundOf, type Colours } from './colours.ts'
import { type Frame, PANEL_SIDE, type Rgb } from './frame.ts'

/** A light as it is drawn. */
export interface Panel {
  readonly name: string
  readonly frame: Frame
  /** Whole seconds until the aspect ends; null where unknown. */
  readonly secondsLeft: number | null
}

export interface DrawingOptions {
  /** Columns that may be used. */
  readonly columns: number
  /** Without any, pixels are letters: R, A, G, and `.` for dark. */
  readonly colours: Colours
}

/** Terminal cells are about twice as high as wide: two of them make a square pixel. */
const PIXEL_COLUMNS = 2
const PANEL_COLUMNS = PANEL_SIDE * PIXEL_COLUMNS
/** Between panels, and left of the first. */
const GAP = '  '
const CELL_COLUMNS = GAP.length + PANEL_COLUMNS

/** Below these a picture is no good to anyone, and one line is drawn. */
const COLUMNS_MIN = CELL_COLUMNS + GAP.length
/** Rows that are left to the log, at least. */
const LOG_ROWS_MIN = 1

/** Seconds until `endsAtMs`, rounded up as countdown signals do, at least 0; null where the end is unknown. */
export const secondsLeft = (endsAtMs: number | null, nowMs: number): number | null =>
  endsAtMs === null ? null : Math.max(0, Math.ceil((endsAtMs - nowMs) / 1000))

/**
 * The panels side by side, in as many rows of panels as `columns` demand: each with its name above, its aspect and
 * the seconds left below, and an empty row after it. No row is wider than `columns`, unless not even one panel fits.
 */
export function drawPanels(panels: readonly Panel[], { columns, colours }: DrawingOptions): string[] {
  const abreast = Math.max(1, Math.floor(columns / CELL_COLUMNS))
  const rows: string[] = []
  for (let first = 0; first < panels.length; first += abreast) {
    const cells = panels.slice(first, first + abreast).map((panel) => drawPanel(panel, colours))
    for (let row = 0; row < PANEL_SIDE + 2; row += 1) rows.push(cells.map((cell) => `${GAP}${cell[row]}`).join(''))
    rows.push('')
  }
  return rows
}

/** The panels on a screen of that size; where it is too small for them, one line that says the same in words. */
export function fitPanels(panels: readonly Panel[], options: DrawingOptions & { readonly rows: number }): string[] {
  const rows = drawPanels(panels, options)
  if (options.columns >= COLUMNS_MIN && rows.length + LOG_ROWS_MIN <= options.rows) return rows
  return [
    panels
      .map((panel) => `${panel.name} ${captionOf(panel)}`)
      .join(GAP)
      .slice(0, options.columns),
  ]
}

/** Name, pixels, caption: each row `PANEL_COLUMNS` wide. */
function drawPanel(panel: Panel, colours: Colours): string[] {
  const { name, frame } = panel
  const title = name.length > PANEL_COLUMNS ? `${name.slice(0, PANEL_COLUMNS - 1)}…` : name
  const pixels = Array.from({ length: PANEL_SIDE }, (_, row) => {
    const line = frame.pixels.slice(row * PANEL_SIDE, (row + 1) * PANEL_SIDE)
    return colours === 'none' ? line.map(letterOf).join('') : inColour(line, colours)
  })
  return [title.padEnd(PANEL_COLUMNS), ...pixels, captionOf(panel).padEnd(PANEL_COLUMNS)]
}

const WORDS: Readonly<Record<Aspect, string>> = {
  red: 'red',
  'red-amber': 'red-amber',
  green: 'green',
  amber: 'amber',
  'flashing-red': 'flashing red',
}

const captionOf = ({ frame, secondsLeft }: Panel): string =>
  secondsLeft === null ? WORDS[frame.aspect] : `${WORDS[frame.aspect]} ${secondsLeft} s`

/** A row of pixels as coloured blanks; a colour is named once for all its neighbours, which keeps pictures short. */
function inColour(pixels: readonly Rgb[], colours: Exclude<Colours, 'none'>): string {
  let before = ''
  const cells = pixels.map((pixel) => {
    const background = backgroundOf(pixel, colours)
    const change = background === before ? '' : background
    before = background
    return change + ' '.repeat(PIXEL_COLUMNS)
  })
  return `${cells.join('')}\x1b[0m`
}

function letterOf([red, green, blue]: Rgb): string {
  if (red + green + blue === 0) return '. '
  if (red === 0) return 'G '
  return green === 0 ? 'R ' : 'A '
}
