/** What a panel shows at one moment: 64 pixels, as a pure function of the aspect. */
import type { Aspect } from '../../protocol/aspect.ts'

/** Red, green and blue, whole numbers from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** One picture of the 8x8 panel. */
export interface Frame {
  readonly aspect: Aspect
  /** False in the dark half of flashing red alone. */
  readonly lit: boolean
  /** 64 of them, row by row from the top left. */
  readonly pixels: readonly Rgb[]
}

/** Pixels in a row, and rows of a panel. */
export const PANEL_SIDE = 8

const RED: Rgb = [255, 0, 0]
const AMBER: Rgb = [255, 140, 0]
const GREEN: Rgb = [0, 255, 0]
const DARK: Rgb = [0, 0, 0]

const panel = (upper: Rgb, lower: Rgb = upper): readonly Rgb[] =>
  Array.from({ length: PANEL_SIDE * PANEL_SIDE }, (_, pixel) => (pixel < (PANEL_SIDE * PANEL_SIDE) / 2 ? upper : lower))

const LIT: Readonly<Record<Aspect, Frame>> = {
  red: { aspect: 'red', lit: true, pixels: panel(RED) },
  'red-amber': { aspect: 'red-amber', lit: true, pixels: panel(RED, AMBER) },
  green: { aspect: 'green', lit: true, pixels: panel(GREEN) },
  amber: { aspect: 'amber', lit: true, pixels: panel(AMBER) },
  'flashing-red': { aspect: 'flashing-red', lit: true, pixels: panel(RED) },
}

const FLASH_DARK: Frame = { aspect: 'flashing-red', lit: false, pixels: panel(DARK) }

/** The frame of an aspect; the same object each time. `lit` matters to flashing red alone. */
export const frameOf = (aspect: Aspect, lit: boolean): Frame =>
  aspect === 'flashing-red' && !lit ? FLASH_DARK : LIT[aspect]

/** The mean colour of the pixels that are not black, rounded to whole numbers; a dark frame is [0, 0, 0]. */
export function meanOfLit(frame: Frame): Rgb {
  const lit = frame.pixels.filter((pixel) => pixel.some((channel) => channel > 0))
  if (lit.length === 0) return DARK
  const mean = (channel: 0 | 1 | 2): number => Math.round(lit.reduce((sum, rgb) => sum + rgb[channel], 0) / lit.length)
  return [mean(0), mean(1), mean(2)]
}
