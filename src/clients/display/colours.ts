/** The colours that a terminal has, and pixels in them. */
import type { Rgb } from './frame.ts'

/** 24 bits; the 6x6x6 cube of xterm; the eight of ECMA-48, for terminals of 16 colours; or none. */
export type Colours = 'full' | '256' | '16' | 'none'

/**
 * What the environment says of the terminal's colours. NO_COLOR says none if it is set and not empty (no-color.org);
 * COLORTERM tells of 24 bits; the rest is in the terminal's name.
 */
export function coloursOf(environment: NodeJS.ProcessEnv): Colours {
  const { NO_COLOR: refused = '', COLORTERM: colorTerm = '', TERM: name = '' } = environment
  if (refused !== '' || name === 'dumb') return 'none'
  if (/^(?:truecolor|24bit)$/i.test(colorTerm) || /-direct$/.test(name)) return 'full'
  if (/256/.test(name)) return '256'
  return colorTerm !== '' || /color|xterm|screen|tmux|rxvt|linux|ansi|cygwin|konsole/i.test(name) ? '16' : 'none'
}

/** What makes the background of the next characters look like a pixel. */
export function backgroundOf(pixel: Rgb, colours: Exclude<Colours, 'none'>): string {
  const [red, green, blue] = pixel
  switch (colours) {
    case 'full':
      return `\x1b[48;2;${red};${green};${blue}m`
    case '256':
      return `\x1b[48;5;${CUBE_START + 36 * cubeLevel(red) + 6 * cubeLevel(green) + cubeLevel(blue)}m`
    case '16':
      return `\x1b[${40 + eightColour(pixel)}m`
  }
}

/** The first colour of the cube, which is black, and its levels. Source: xterm, 256colres.h. */
const CUBE_START = 16
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255] as const

/** The nearest level, but what is lit stays lit. */
function cubeLevel(channel: number): number {
  const distances = CUBE_LEVELS.map((level) => Math.abs(level - channel))
  const nearest = distances.indexOf(Math.min(...distances))
  return channel > 0 ? Math.max(1, nearest) : 0
}

/** A channel counts from a third of the strongest on, so that amber is yellow however dim it is: 1 red, 2 green, 4 blue. */
function eightColour(pixel: Rgb): number {
  const strongest = Math.max(...pixel)
  const has = (channel: number): boolean => channel > 0 && channel * 3 >= strongest
  return pixel.reduce((sum, channel, index) => sum + (has(channel) ? 2 ** index : 0), 0)
}
