import type { Clock } from '../../platform/clock.ts'
import { usageError } from '../../platform/errors.ts'
import type { Aspect } from '../../protocol/aspect.ts'
import type { Display, OnFault } from './display.ts'
import { openEmulator, screenFile } from './emulator.ts'
import { openFrames } from './frames.ts'
import { openNone } from './none.ts'
import { type PanelStyle, PLAIN_STYLE } from './panel-style.ts'
import { openSenseHat } from './sense-hat.ts'
import { openTerminal } from './terminal.ts'

/** A display as `--display` names it, taken apart. */
export type DisplayChoice =
  | { readonly kind: 'sense-hat' | 'emulator' | 'terminal' | 'none' }
  /** Lines of JSON on an inherited descriptor. */
  | { readonly kind: 'frames'; readonly fd: number }

const NAMES = ['sense-hat', 'emulator', 'terminal', 'none'] as const

export interface DisplayOptions {
  /** The light's name, as it is shown. */
  readonly light: string
  readonly clock: Clock
  readonly onFault: OnFault
  /** Told what people should know of a display that works. Default: nobody. */
  readonly onNote?: (note: string) => void
  /** Default: the whole panel, upright, at full brightness. */
  readonly style?: PanelStyle
  /**
   * Another process painted this display before, and ended: its last picture is taken over rather than cleared away.
   * Default: false.
   */
  readonly successor?: boolean
  /** It is opened to paint red in place of a lamp that died: nothing may be waited for. Default: false. */
  readonly failsafe?: boolean
  /** The aspect that stands there, for who does not paint alone. Default: as of who does. */
  readonly standing?: () => Aspect | null
}

/**
 * Reads the name of a display: `sense-hat`, `emulator`, `terminal`, `none` or `frames:<fd>`. Throws usageError for any
 * other.
 */
export function parseDisplay(name: string): DisplayChoice {
  const kind = NAMES.find((known) => known === name)
  if (kind !== undefined) return { kind }
  const fd = /^frames:(\d{1,4})$/.exec(name)?.[1]
  if (fd !== undefined) return { kind: 'frames', fd: Number(fd) }
  // The last one is between a demo and its lights: no person has a use for it.
  throw usageError(`--display is '${name}': expected auto, sense-hat, emulator, terminal or none`)
}

/** Opens a display by name. Throws usageError for an unknown name; whatever else fails is told to `onFault`. */
export function openDisplay(name: string, options: DisplayOptions): Display {
  const { light, style = PLAIN_STYLE, onNote = () => {}, failsafe = false } = options
  const choice = parseDisplay(name)
  switch (choice.kind) {
    case 'sense-hat':
      return openSenseHat({ ...options, style, onNote, direct: failsafe })
    case 'emulator':
      return openEmulator({ ...options, style })
    case 'terminal':
      return openTerminal(light, { ...options, style })
    case 'none':
      return openNone()
    case 'frames':
      return openFrames(choice.fd, light, options)
  }
}

/**
 * What a display of that name is on this machine, where it is one that no two lights can share: the name of its lock.
 * Null for the others.
 */
export function deviceOf(name: string): string | null {
  switch (name) {
    case 'sense-hat':
      // There is one at most, and its framebuffer's number may change when it is plugged in again.
      return 'sense-hat'
    case 'emulator':
      return screenFile()
    default:
      return null
  }
}
