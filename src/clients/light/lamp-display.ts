import type { Clock } from '../../platform/clock.ts'
import { CrossingError, failure, reasonOf } from '../../platform/errors.ts'
import type { Aspect } from '../../protocol/aspect.ts'
import type { Display, OnFault } from '../display/display.ts'
import { openDisplay } from '../display/open.ts'
import type { PanelStyle } from '../display/panel-style.ts'
import { openTrace, traced } from '../display/trace.ts'

/** What a lamp paints on, and the parent that paints red in its place. */
export interface LampDisplay {
  readonly light: string
  /** As `--display` names it. */
  readonly display: string
  /** Default: the whole panel, upright, at full brightness. */
  readonly style?: PanelStyle
  /** File that frames are recorded in, and the name that they carry; null: none. */
  readonly trace: { readonly file: string; readonly light: string } | null
}

interface OpeningOptions {
  readonly clock: Clock
  readonly onFault: OnFault
  /** Told what people should know of a display that works. Default: nobody. */
  readonly onNote?: (note: string) => void
  /** Another process painted it before. */
  readonly successor: boolean
  /** It is opened by the dead-man. Default: false. */
  readonly failsafe?: boolean
  /** The aspect that stands there, for who does not paint alone. Default: as of who does. */
  readonly standing?: () => Aspect | null
}

/** Opens it. */
export function openLampDisplay({ light, display, style, trace }: LampDisplay, options: OpeningOptions): Display {
  const { onFault } = options
  const named = (what: string): OnFault => {
    return (error) => onFault(error instanceof CrossingError ? error : inWords(what, error))
  }
  const opened = openDisplay(display, {
    light,
    ...options,
    onFault: named(`--display ${display}`),
    ...(style === undefined ? {} : { style }),
  })
  if (trace === null) return opened
  return traced(opened, openTrace(trace.file, trace.light, named(`the trace ${trace.file}`)))
}

const inWords = (what: string, error: unknown): Error =>
  failure(`${what} cannot be written to (${reasonOf(error)}): mend that, or choose another; the light goes on`, error)
