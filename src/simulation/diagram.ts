/** The last seconds of an episode as text: a row per light, time to the right, and the events that led there. */
import type { Aspect } from '../protocol/aspect.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { type EpisodeOptions, runEpisode } from './episode.ts'

const COLUMNS = 100
const COLUMN_MS = 200
const EVENTS_SHOWN = 40

const SYMBOLS: Readonly<Record<Aspect, string>> = {
  red: '.',
  'red-amber': '/',
  green: 'G',
  amber: 'a',
  'flashing-red': 'x',
}

const LEGEND = Object.entries(SYMBOLS)
  .map(([aspect, symbol]) => `${symbol} ${aspect}`)
  .join('  ')

interface Painted {
  readonly atMs: number
  readonly light: string
  readonly aspect: Aspect
}

/** Runs an episode once more, which makes it the same, and draws how it ended. */
export async function drawEnd(options: EpisodeOptions): Promise<string[]> {
  const painted: Painted[] = []
  const events: string[] = []
  const { crossing, simulatedMs } = await runEpisode({
    ...options,
    onEvent: (atMs, text) => events.push(`${seconds(atMs)}  ${text}`),
    onPaint: (atMs, light, aspect) => painted.push({ atMs, light, aspect }),
  })
  return [...events.slice(-EVENTS_SHOWN), '', ...timingDiagram(crossing, painted, simulatedMs), LEGEND]
}

/** Displays over the time before `endMs`, to its very moment. */
export function timingDiagram(crossing: Crossing, painted: readonly Painted[], endMs: number): string[] {
  const width = Math.max(...crossing.lights.map((light) => light.length))
  const startMs = endMs - COLUMNS * COLUMN_MS
  const rows = crossing.lights.map((light) => {
    const own = painted.filter((one) => one.light === light)
    const cells = Array.from({ length: COLUMNS }, (_, column) => {
      const atMs = endMs - (COLUMNS - 1 - column) * COLUMN_MS
      return SYMBOLS[own.findLast((one) => one.atMs <= atMs)?.aspect ?? 'red']
    })
    return `${light.padEnd(width)} |${cells.join('')}|`
  })
  const from = seconds(Math.max(0, startMs)).trim()
  const to = seconds(endMs).trim()
  return [...rows, `${' '.repeat(width)}  ${from.padEnd(COLUMNS - to.length)}${to}`]
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`.padStart(11)
