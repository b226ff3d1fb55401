/** `--display terminal`: the panel in a terminal; where stdout is something else, a line per change of aspect. */
import tty from 'node:tty'
import type { Aspect } from '../../protocol/aspect.ts'
import type { Display } from './display.ts'
import { openOutlet } from './outlet.ts'
import { fitPanels, type Panel, secondsLeft } from './panels.ts'
import { openScreen, type ScreenOptions } from './screen.ts'

export interface TerminalOptions extends ScreenOptions {
  /** Default: stdout. */
  readonly fd?: number
  /** For NO_COLOR and TERM. Default: the process's. */
  readonly environment?: NodeJS.ProcessEnv
}

const STDOUT = 1

/** Lines that wait for a reader: the changes of some minutes. */
const LINES_WAITING_MAX = 64

export function openTerminal(light: string, options: TerminalOptions): Display {
  const { fd = STDOUT, environment = process.env } = options
  return canDraw(fd, environment)
    ? openPanel(light, fd, { ...options, colour: wantsColour(environment) })
    : openLines(light, fd, options)
}

/** Whether pictures can be drawn on a descriptor: it is a terminal, and one that knows how to place its cursor. */
export const canDraw = (fd: number, environment: NodeJS.ProcessEnv): boolean =>
  tty.isatty(fd) && environment['TERM'] !== 'dumb'

/** Whether colours are welcome. Source: no-color.org: NO_COLOR says no if it is set and not empty. */
export const wantsColour = (environment: NodeJS.ProcessEnv): boolean => (environment['NO_COLOR'] ?? '') === ''

function openPanel(light: string, fd: number, options: ScreenOptions & { readonly colour: boolean }): Display {
  const { clock, colour } = options
  const screen = openScreen(fd, options)
  return {
    kind: 'terminal',
    show(frame, { endsAtMs }) {
      const panel = (): Panel => ({ name: light, frame, secondsLeft: secondsLeft(endsAtMs, clock.monotonicMs()) })
      screen.show({ counts: endsAtMs !== null, rows: (size) => fitPanels([panel()], { ...size, colour }) })
    },
    close: () => screen.close(),
  }
}

function openLines(light: string, fd: number, options: ScreenOptions): Display {
  const outlet = openOutlet(fd, { clock: options.clock, onFault: options.onFault, waitingMax: LINES_WAITING_MAX })
  let written: Aspect | null = null
  return {
    kind: 'terminal',
    show({ aspect }) {
      if (aspect === written) return
      written = aspect
      outlet.send(`${light} ${aspect}\n`)
    },
    close: () => outlet.close(),
  }
}
