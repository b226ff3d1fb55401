/** How a light is drawn on a panel: its face, which way up, and how bright. Pure. */
import { usageError } from '../../platform/errors.ts'
import type { Aspect } from '../../protocol/aspect.ts'
import { type Frame, PANEL_SIDE, type Rgb } from './frame.ts'

export const FACES = ['panel', 'lamp'] as const
/** `panel`: the whole panel in the colour. `lamp`: a round head with red at the top, amber below it, green at the bottom. */
export type Face = (typeof FACES)[number]

export const ROTATIONS = [0, 90, 180, 270] as const
/** Degrees clockwise. */
export type Rotation = (typeof ROTATIONS)[number]

export interface PanelStyle {
  readonly face: Face
  readonly rotate: Rotation
  /** Per cent of full brightness, 1 to 100. */
  readonly dim: number
}

export const PLAIN_STYLE: PanelStyle = { face: 'panel', rotate: 0, dim: 100 }

/** The lowest value of a colour's channel that is lit on a Sense HAT under its own gamma. Source: its gamma table. */
export const CHANNEL_LIT_MIN = 48

const BLACK: Rgb = [0, 0, 0]

/** The pixels of a frame in that style. */
export const styledPixels = (frame: Frame, style: PanelStyle): readonly Rgb[] =>
  finished(style.face === 'lamp' ? lampFace(frame) : frame.pixels, style)

/** Pixels that have their face already, turned and dimmed. */
export const finished = (pixels: readonly Rgb[], { rotate, dim }: PanelStyle): readonly Rgb[] =>
  rotated(pixels, rotate).map((pixel) => dimmed(pixel, dim))

/**
 * A disc of eight rows in three parts of 16 pixels. All are equally many, so that red and amber together have the same
 * mean colour as on a whole panel, by which traces tell aspects.
 */
const DISC = ['..RRRR..', '.RRRRRR.', '.RRRRRR.', 'AAAAAAAA', 'AAAAAAAA', '.GGGGGG.', '.GGGGGG.', '..GGGG..'].join('')

const PARTS: Readonly<Record<Aspect, string>> = {
  red: 'R',
  'red-amber': 'RA',
  green: 'G',
  amber: 'A',
  'flashing-red': 'R',
}

/** The part of a disc whose aspect is shown, in the colour that the frame has at its top or, for amber, at its bottom. */
function lampFace({ aspect, pixels }: Frame): readonly Rgb[] {
  const [upper = BLACK] = pixels
  const lower = pixels.at(-1) ?? BLACK
  return [...DISC].map((part) => {
    if (!PARTS[aspect].includes(part)) return BLACK
    return part === 'A' ? lower : upper
  })
}

/** Where a pixel of the turned picture comes from, by the angle that it was turned. */
const SOURCES: Readonly<Record<Rotation, (row: number, column: number) => readonly [row: number, column: number]>> = {
  0: (row, column) => [row, column],
  90: (row, column) => [LAST - column, row],
  180: (row, column) => [LAST - row, LAST - column],
  270: (row, column) => [column, LAST - row],
}
const LAST = PANEL_SIDE - 1

const rotated = (pixels: readonly Rgb[], angle: Rotation): readonly Rgb[] =>
  pixels.map((_, index) => {
    const [row, column] = SOURCES[angle](Math.floor(index / PANEL_SIDE), index % PANEL_SIDE)
    return pixels[row * PANEL_SIDE + column] ?? BLACK
  })

/**
 * All channels are dimmed alike, and no further than the weakest can go: an amber whose green went dark would be red.
 * Whole numbers, since the HAT's library shows others as black.
 */
function dimmed(pixel: Rgb, percent: number): Rgb {
  const weakest = Math.min(...pixel.filter((channel) => channel > 0))
  const share = Math.min(1, Math.max(percent / 100, CHANNEL_LIT_MIN / weakest))
  const [red, green, blue] = pixel
  return [Math.round(red * share), Math.round(green * share), Math.round(blue * share)]
}

/** What `--face`, `--rotate` and `--dim` say, undefined where they are not given. Throws usageError. */
export function parseStyle(given: {
  readonly face: string | undefined
  readonly rotate: string | undefined
  readonly dim: string | undefined
}): PanelStyle {
  const { face = PLAIN_STYLE.face, rotate = `${PLAIN_STYLE.rotate}`, dim = `${PLAIN_STYLE.dim}` } = given
  const knownFace = FACES.find((known) => known === face)
  if (knownFace === undefined) throw usageError(`--face is '${face}': expected ${FACES.join(' or ')}`)
  const knownRotation = ROTATIONS.find((known) => `${known}` === rotate)
  if (knownRotation === undefined) {
    throw usageError(`--rotate is '${rotate}': expected one of ${ROTATIONS.join(', ')}, degrees clockwise`)
  }
  if (!/^[1-9]\d?$|^100$/.test(dim)) {
    throw usageError(`--dim is '${dim}': expected a whole number from 1 to 100, per cent of full brightness`)
  }
  return { face: knownFace, rotate: knownRotation, dim: Number(dim) }
}
