/** What lights showed, from the file that LIGHT_TRACE names. */
import { readFileSync } from 'node:fs'

export interface Showing {
  /** When the frame was handed to the display, CLOCK_MONOTONIC, ms. */
  readonly atMs: number
  readonly light: string
  readonly colour: Colour
}

export type Colour = 'red' | 'amber' | 'green' | 'dark'

/** Dark is the other half of flashing red: both mean stop. */
export const isNonRed = ({ colour }: Showing): boolean => colour === 'amber' || colour === 'green'

/** All frames painted so far, in order. Throws TypeError for a line that is none of a trace. */
export function readTrace(file: string): readonly Showing[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map(showingOf).sort((a, b) => a.atMs - b.atMs)
}

function showingOf(line: string): Showing {
  const { t_ns, light, rgb }: { t_ns: unknown; light: unknown; rgb: unknown } = JSON.parse(line)
  const colour = COLOURS[String(rgb)]
  if (typeof t_ns !== 'number' || typeof light !== 'string' || colour === undefined) {
    throw new TypeError(`not a line of a trace of steady lights without red-amber: ${line}`)
  }
  return { atMs: t_ns / 1e6, light, colour }
}

const COLOURS: Readonly<Record<string, Colour>> = {
  '255,0,0': 'red',
  '255,140,0': 'amber',
  '0,255,0': 'green',
  '0,0,0': 'dark',
}

/** For how long two or more lights were green or amber at once, ms; for a crossing all of whose lights conflict. */
export function conflictMs(trace: readonly Showing[]): number {
  const nonRed = new Set<string>()
  let sumMs = 0
  let sinceMs: number | null = null
  for (const showing of trace) {
    if (isNonRed(showing)) nonRed.add(showing.light)
    else nonRed.delete(showing.light)
    if (nonRed.size > 1) sinceMs ??= showing.atMs
    else if (sinceMs !== null) {
      sumMs += showing.atMs - sinceMs
      sinceMs = null
    }
  }
  return sinceMs === null ? sumMs : Number.POSITIVE_INFINITY
}
