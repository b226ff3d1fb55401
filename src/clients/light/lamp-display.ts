import type { Clock } from '../../platform/clock.ts'
import type { Display, OnFault } from '../display/display.ts'
import { openDisplay } from '../display/open.ts'
import { openTrace, traced } from '../display/trace.ts'

/** What a lamp paints on, and the parent that paints red in its place. */
export interface LampDisplay {
  readonly light: string
  /** As `--display` names it. */
  readonly display: string
  /** File that frames are recorded in, and the name that they carry; null: none. */
  readonly trace: { readonly file: string; readonly light: string } | null
}

/** Opens it; `successor` says that another process painted it before. */
export function openLampDisplay(
  { light, display, trace }: LampDisplay,
  options: { readonly clock: Clock; readonly onFault: OnFault; readonly successor: boolean },
): Display {
  const opened = openDisplay(display, { light, ...options })
  return trace === null ? opened : traced(opened, openTrace(trace.file, trace.light, options.onFault))
}
