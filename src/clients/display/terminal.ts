/** `--display terminal`: the panel in a terminal; where stdout is something else, a line per change of aspect. */
import tty from 'node:tty'
import type { Aspect } from '../../protocol/aspect.ts'
import { type Colours, coloursOf } from './colours.ts'
import { type Caption, type Display, isAlive } from './display.ts'
import type { Frame } from './frame.ts'
import { openOutlet } from './outlet.ts'
import { pixelsOf } from './panel.ts'
import { type PanelStyle, PLAIN_STYLE } from './panel-style.ts'
import { fitPanels, type Panel, secondsLeft } from './panels.ts'
import { openScreen, type ScreenOptions, type Size } from './screen.ts'

export interface TerminalOptions extends ScreenOptions {
  /** Default: stdout. */
  readonly fd?: number
  /** For NO_COLOR, COLORTERM and TERM. Default: the process's. */
  readonly environment?: NodeJS.ProcessEnv
  /** Default: the whole panel, upright, at full brightness. */
  readonly style?: PanelStyle
  /**
   * The aspect that stands there, for who does not paint alone. Default: what was shown last, here or by the dead-man
   * that a successor follows.
   */
  readonly standing?: () => Aspect | null
}

const STDOUT = 1

/** Lines that wait for a reader: the changes of some minutes. */
const LINES_WAITING_MAX = 64

export function openTerminal(light: string, options: TerminalOptions): Display {
  const { fd = STDOUT, environment = process.env, style = PLAIN_STYLE } = options
  return canDraw(fd, environment)
    ? openDrawn(light, fd, { ...options, style, colours: coloursOf(environment) })
    : openLines(light, fd, options)
}

/** Whether pictures can be drawn on a descriptor: it is a terminal, and one that knows how to place its cursor. */
export const canDraw = (fd: number, environment: NodeJS.ProcessEnv): boolean =>
  tty.isatty(fd) && environment['TERM'] !== 'dumb'

interface DrawnOptions extends ScreenOptions {
  readonly colours: Colours
  readonly style: PanelStyle
}

function openDrawn(light: string, fd: number, options: DrawnOptions): Display {
  const { clock, colours, style } = options
  const screen = openScreen(fd, options)
  const panel = (frame: Frame, caption: Caption): Panel => {
    const nowMs = clock.monotonicMs()
    const pixels = pixelsOf(frame, caption, { light, style, nowMs })
    return { name: light, frame: { ...frame, pixels }, secondsLeft: secondsLeft(caption.endsAtMs, nowMs) }
  }
  return {
    kind: 'terminal',
    show(frame, caption) {
      const rows = (size: Size): readonly string[] => {
        const drawn = fitPanels([panel(frame, caption)], { ...size, colours })
        return withNotes(drawn, caption.notes?.() ?? [], size)
      }
      screen.show({ counts: isAlive(caption), rows })
    },
    close: () => screen.close(),
  }
}

/** The notes below the picture, where the log keeps as many rows as they take. */
function withNotes(drawn: readonly string[], notes: readonly string[], { columns, rows }: Size): readonly string[] {
  if (notes.length === 0 || drawn.length + 2 * (notes.length + 1) > rows) return drawn
  return [...drawn, ...notes.map((note) => `  ${note}`.slice(0, columns)), '']
}

function openLines(light: string, fd: number, options: TerminalOptions): Display {
  const { clock, onFault, successor = false, standing = () => written } = options
  const outlet = openOutlet(fd, { clock, onFault, waitingMax: LINES_WAITING_MAX })
  let written: Aspect | null = successor ? 'red' : null
  return {
    kind: 'terminal',
    show({ aspect }) {
      if (aspect === standing()) return
      written = aspect
      outlet.send(`${light} ${aspect}\n`)
    },
    close: () => outlet.close(),
  }
}
