/** A display that is a panel of 64 pixels and nothing besides: a Sense HAT, or its emulator. */
import type { Clock } from '../../platform/clock.ts'
import { isNonRed } from '../../protocol/aspect.ts'
import type { Caption, Display, OnFault } from './display.ts'
import { oncePerKind } from './faults.ts'
import type { Frame, Rgb } from './frame.ts'
import { namePixels, SCROLL_MS } from './name-frame.ts'
import { finished, type PanelStyle, styledPixels } from './panel-style.ts'

/** What holds the pixels. Each call throws what went wrong, in words that say what to do. */
export interface PanelDevice {
  readonly kind: string
  /** Paints 64 pixels, now. */
  write(pixels: readonly Rgb[]): void
  /** Throws where what was written last is not seen any more, as far as can be told. */
  check(): void
}

export interface PanelOptions {
  /** The light's name. */
  readonly light: string
  readonly clock: Clock
  readonly onFault: OnFault
  readonly style: PanelStyle
}

/** A device is looked at this often, and tried this often while it fails, ms. */
export const LOOK_MS = 100

/** What a panel shows of a light: its aspect, or, while it is red and has not heard its controller, its name. */
export const pixelsOf = (
  frame: Frame,
  { heard = true }: Caption,
  { light, style, nowMs }: { readonly light: string; readonly style: PanelStyle; readonly nowMs: number },
): readonly Rgb[] =>
  heard || isNonRed(frame.aspect) ? styledPixels(frame, style) : finished(namePixels(light, nowMs), style)

export function openPanel(device: PanelDevice, { light, clock, onFault, style }: PanelOptions): Display {
  const faults = oncePerKind(onFault)
  let shown: { readonly frame: Frame; readonly caption: Caption } | null = null
  let failing = false
  let lookedAtMs = clock.monotonicMs()
  let cancelScroll = (): void => {}
  let closed = false

  const attempt = (task: () => void): void => {
    lookedAtMs = clock.monotonicMs()
    try {
      task()
      failing = false
      faults.over()
    } catch (error) {
      failing = true
      faults.raise(error)
    }
  }

  const paint = (): void => {
    if (shown === null || closed) return
    const { frame, caption } = shown
    const nowMs = clock.monotonicMs()
    attempt(() => device.write(pixelsOf(frame, caption, { light, style, nowMs })))
    cancelScroll()
    if (caption.heard === false && !failing) cancelScroll = clock.after(SCROLL_MS - (nowMs % SCROLL_MS), paint)
  }

  return {
    kind: device.kind,
    show(frame, caption) {
      shown = { frame, caption }
      paint()
    },
    works() {
      if (shown !== null && !closed && clock.monotonicMs() - lookedAtMs >= LOOK_MS) {
        if (failing) paint()
        else attempt(() => device.check())
      }
      return !failing
    },
    close() {
      closed = true
      cancelScroll()
    },
  }
}
