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
}

/** The caption of an aspect whose end is not known. */
export const ENDLESS: Caption = { endsAtMs: null }

/**
 * Told what keeps a display from being painted: at once, once for each kind of fault, and again only if the display
 * worked in between. It may be called from within `show`, and must not throw.
 */
export type OnFault = (error: unknown) => void

export interface Display {
  /** Its name in logs: `terminal`, `frames`, `none`. */
  readonly kind: string
  /**
   * Paints a frame now. It neither waits nor throws, whatever the other side does: what cannot be painted is told to
   * `onFault`, and what a stuck reader does not take gives way to the next frame. After `close` it does nothing.
   *
   * Between two calls a display may redraw the seconds left, and nothing else: where `endsAtMs` is null it leaves the
   * picture alone, so that another process can take over.
   */
  show(frame: Frame, caption: Caption): void
  /** Gives the display back. Closing twice is fine. */
  close(): void
}
