import type { Clock } from '../../platform/clock.ts'
import { usageError } from '../../platform/errors.ts'
import type { Display, OnFault } from './display.ts'
import { openFrames } from './frames.ts'
import { openNone } from './none.ts'
import { openTerminal } from './terminal.ts'

/** A display as `--display` names it, taken apart. */
export type DisplayChoice =
  | { readonly kind: 'terminal' }
  | { readonly kind: 'none' }
  /** Lines of JSON on an inherited descriptor. */
  | { readonly kind: 'frames'; readonly fd: number }

export interface DisplayOptions {
  /** The light's name, as it is shown. */
  readonly light: string
  readonly clock: Clock
  readonly onFault: OnFault
  /**
   * Another process painted this display before, and ended: its last picture is taken over rather than cleared away.
   * Default: false.
   */
  readonly successor?: boolean
}

/** Reads the name of a display: `terminal`, `none` or `frames:<fd>`. Throws usageError for any other. */
export function parseDisplay(name: string): DisplayChoice {
  if (name === 'terminal' || name === 'none') return { kind: name }
  const fd = /^frames:(\d{1,4})$/.exec(name)?.[1]
  if (fd !== undefined) return { kind: 'frames', fd: Number(fd) }
  throw usageError(`--display is '${name}': expected terminal, none or frames:<descriptor>, as in frames:3`)
}

/** Opens a display by name. Throws usageError for an unknown name; whatever else fails is told to `onFault`. */
export function openDisplay(name: string, options: DisplayOptions): Display {
  const choice = parseDisplay(name)
  switch (choice.kind) {
    case 'terminal':
      return openTerminal(options.light, options)
    case 'none':
      return openNone()
    case 'frames':
      return openFrames(choice.fd, options.light, options)
  }
}
