/**
 * A picture at the top of a terminal, with the log scrolling below it.
 *
 * The rows under the picture are made the scroll region, so that log lines of any process never run through it. Each
 * drawing sets the region, the cursor and every row anew, in one write: it repairs whatever a resize, another program
 * or a killed predecessor left.
 */
import fs from 'node:fs'
import tty from 'node:tty'
import type { Clock } from '../../platform/clock.ts'
import type { OnFault } from './display.ts'
import { openOutlet } from './outlet.ts'

/** Of a terminal, in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface Picture {
  /** The rows as of now, none wider than `size.columns`. */
  rows(size: Size): readonly string[]
  /** Whether it changes by itself, as a countdown does: it is then looked at again eight times a second. */
  readonly counts: boolean
}

export interface Screen {
  /** Draws `picture` now, changed or not, in place of the one before. */
  show(picture: Picture): void
  /** Gives the whole terminal back to what is written below the picture, which stays. Closing twice is fine. */
  close(): void
}

export interface ScreenOptions {
  readonly clock: Clock
  readonly onFault: OnFault
  /** Another process drew here before: the first picture takes the place of its last. Default: false. */
  readonly successor?: boolean
}

/** A picture that counts is looked at this often, ms. */
const REFRESH_MS = 125

/** The size of a terminal that does not know its own, as some serial lines: that of a VT100. */
const SIZE_DEFAULT: Size = { columns: 80, rows: 24 }

/** A terminal that knows these shows what stands between them at once; others take no notice. DEC private mode 2026. */
const BEGIN_UPDATE = '\x1b[?2026h'
const END_UPDATE = '\x1b[?2026l'
const RESET_STYLE = '\x1b[0m'
const SAVE_CURSOR = '\x1b7'
const RESTORE_CURSOR = '\x1b8'
const SCROLL_ALL = '\x1b[r'
const ERASE_SCREEN = '\x1b[2J'
const ERASE_ROW = '\x1b[2K'
const cursorTo = (row: number): string => `\x1b[${row};1H`
/** Moves the cursor too, to the top. */
const scrollBetween = (first: number, last: number): string => `\x1b[${first};${last}r`

/** Draws on the terminal `fd`, which `tty.isatty` must have found to be one. */
export function openScreen(fd: number, { clock, onFault, successor = false }: ScreenOptions): Screen {
  const outlet = openOutlet(fd, { clock, onFault, waitingMax: 1 })
  let drawn: { readonly size: Size; readonly rows: readonly string[] } | null = null
  let cancelRefresh = (): void => {}
  // A predecessor that was killed left its rows kept from scrolling.
  let touched = successor
  let closed = false

  const draw = (size: Size, rows: readonly string[]): void => {
    touched = true
    let text = inPlace(size, rows)
    if (drawn === null && !successor) text = onCleared(scrolledAway(size), size, rows)
    if (drawn !== null && (!isSame(drawn.size, size) || drawn.rows.length !== rows.length)) {
      text = onCleared(SCROLL_ALL + ERASE_SCREEN, size, rows)
    }
    // What a frozen terminal did not take may give way to the next picture, which must then do all of its work.
    if (outlet.send(BEGIN_UPDATE + text + END_UPDATE)) drawn = { size, rows }
  }

  const refreshLater = (picture: Picture): void => {
    cancelRefresh = clock.after(REFRESH_MS, () => {
      const size = sizeOf(fd)
      const rows = picture.rows(size)
      const changed = drawn === null || !isSame(drawn.size, size) || drawn.rows.join('\n') !== rows.join('\n')
      if (changed) draw(size, rows)
      refreshLater(picture)
    })
  }

  return {
    show(picture) {
      if (closed) return
      cancelRefresh()
      const size = sizeOf(fd)
      draw(size, picture.rows(size))
      if (picture.counts) refreshLater(picture)
    },
    close() {
      if (closed) return
      closed = true
      cancelRefresh()
      if (touched) outlet.send(RESET_STYLE + SAVE_CURSOR + SCROLL_ALL + RESTORE_CURSOR)
      outlet.close()
    },
  }
}

/**
 * The terminal's size, asked anew each time: the signal of a resize does not reach a lamp, which lives in a session of
 * its own. It takes some 30 us.
 */
export function sizeOf(fd: number): Size {
  try {
    const own = fs.openSync(`/proc/self/fd/${fd}`, fs.constants.O_WRONLY | fs.constants.O_NOCTTY)
    // The stream opens the terminal once more for itself and sets that one's modes; ours is closed with it.
    const stream = new tty.WriteStream(own)
    const [columns, rows] = stream.getWindowSize()
    stream.destroy()
    fs.closeSync(own)
    return columns > 0 && rows > 0 ? { columns, rows } : SIZE_DEFAULT
  } catch {
    return SIZE_DEFAULT
  }
}

const isSame = (a: Size, b: Size): boolean => a.columns === b.columns && a.rows === b.rows

/** The rows at the top and the region below them. */
function top(size: Size, rows: readonly string[]): string {
  const lines = rows.map((row, index) => cursorTo(index + 1) + ERASE_ROW + row)
  return `${RESET_STYLE}${scrollBetween(rows.length + 1, size.rows)}${lines.join('')}`
}

/** Leaves the cursor where it was, which is below the picture: the log goes on there. */
const inPlace = (size: Size, rows: readonly string[]): string => SAVE_CURSOR + top(size, rows) + RESTORE_CURSOR

/** On a screen that `clearing` empties: the log begins right below the picture. */
const onCleared = (clearing: string, size: Size, rows: readonly string[]): string =>
  clearing + top(size, rows) + cursorTo(rows.length + 1)

/** What stands on the screen moves up into the terminal's history, where nothing of it is lost. */
const scrolledAway = (size: Size): string => SCROLL_ALL + cursorTo(size.rows) + '\n'.repeat(size.rows)
