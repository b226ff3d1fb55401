/**
 * `frames:<fd>`: what is painted, as lines of JSON on an inherited descriptor; so lamps show themselves to the demo.
 *
 * A line is far shorter than what the system writes in one piece, so that lines of a lamp and of the parent that
 * paints red after it never mix, and a lamp killed at any time leaves no half of one.
 */
import { ASPECTS, type Aspect } from '../../protocol/aspect.ts'
import { NAME_PATTERN } from '../../protocol/topics.ts'
import type { Display } from './display.ts'
import { type OutletOptions, openOutlet } from './outlet.ts'

/** One frame painted, as its line tells it. */
export interface PaintedFrame {
  readonly light: string
  readonly aspect: Aspect
  readonly lit: boolean
  /** When the aspect ends, ms on the machine's monotonic clock; null where unknown. */
  readonly endsAtMs: number | null
}

/** A display that writes a line per frame. While its reader takes none, the newest frame waits and others are lost. */
export function openFrames(fd: number, light: string, options: Omit<OutletOptions, 'waitingMax'>): Display {
  const outlet = openOutlet(fd, { ...options, waitingMax: 1 })
  return {
    kind: 'frames',
    show({ aspect, lit }, { endsAtMs }) {
      const painted: PaintedFrame = { light, aspect, lit, endsAtMs }
      outlet.send(`${JSON.stringify(painted)}\n`)
    },
    close: () => outlet.close(),
  }
}

/** Reads a line of `openFrames`; null where it is garbage. Never throws. */
export function parseFrameLine(line: string): PaintedFrame | null {
  const fields = fieldsOf(line)
  const { light, lit, endsAtMs } = fields
  const aspect = ASPECTS.find((known) => known === fields['aspect'])
  if (typeof light !== 'string' || !NAME_PATTERN.test(light) || aspect === undefined) return null
  if (typeof lit !== 'boolean' || (endsAtMs !== null && typeof endsAtMs !== 'number')) return null
  return { light, aspect, lit, endsAtMs }
}

function fieldsOf(line: string): { light?: unknown; aspect?: unknown; lit?: unknown; endsAtMs?: unknown } {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
