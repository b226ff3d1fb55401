/**
 * The port to whatever a light is seen on.
 *
 * A display is painted by one process at a time, but not always by the same one: when a lamp died, its parent paints
 * red, and then a new lamp paints on. So what is shown never depends on what this process showed before.
 */
import type { Frame } from './frame.ts'

/** What is said beside a frame. */
export interface Caption {
  /** When the aspect shown ends, ms on the machine's monotonic clock (`Clock.monotonicMs()`); null where unknown. */
  readonly endsAtMs: number | null
  /**
   * False until the light has heard its controller: a panel then shows the light's name in place of red, in red over
   * black. Default: true.
   */
  readonly heard?: boolean
  /** Lines about the light for people as of now, such as how its connection stands. Default: none, ever. */
  readonly notes?: () => readonly string[]
}

/** The caption of an aspect whose end is not known. */
export const ENDLESS: Caption = { endsAtMs: null }

/** Whether a display may redraw a caption between two frames. */
export const isAlive = ({ endsAtMs, heard = true, notes }: Caption): boolean =>
  endsAtMs !== null || !heard || notes !== undefined

/**
 * Told what keeps a display from being painted: at once, once for each kind of fault, and again only if the display
 * worked in between. It may be called from within `show`, and must not throw.
 */
export type OnFault = (error: unknown) => void

export interface Display {
  /** Its name in logs: `sense-hat`, `emulator`, `terminal`, `frames`, `none`. */
  readonly kind: string
  /**
   * Paints a frame now. It neither waits nor throws, whatever the other side does: what cannot be painted is told to
   * `onFault`, and what a stuck reader does not take gives way to the next frame. After `close` it does nothing.
   *
   * Between two calls a display may redraw what runs in a caption, and nothing else: one that is not alive
   * (`isAlive`) it leaves alone, so that another process can take over.
   */
  show(frame: Frame, caption: Caption): void
  /**
   * Whether the newest frame stands on a panel that this display alone paints; asked often by who showed it. What
   * failed is tried again, so that a panel that was pulled out recovers. Default: true, as of all that cannot know.
   */
  works?(): boolean
  /** Gives the display back. Closing twice is fine. */
  close(): void
}
