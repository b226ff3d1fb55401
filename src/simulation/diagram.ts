/** The last seconds of an episode as text: a row per light, time to the right, and the events that led there. */
import type { Aspect } from '../protocol/aspect.ts'
import { describeCrossing } from '../protocol/check-command.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { type EpisodeOptions, runEpisode } from './episode.ts'

const COLUMNS = 100
const COLUMN_MS = 200
const EVENTS_SHOWN = 40
/** Columns from one mark of the ruler to the next. */
const MARK_COLUMNS = 25

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
  return [
    ...describeCrossing(crossing).filter((line) => !/^(?:digest|warning):/.test(line)),
    `conflicts: ${conflictsOf(crossing).join(', ')}`,
    '',
    ...events.slice(-EVENTS_SHOWN),
    '',
    ...timingDiagram(crossing, painted, simulatedMs),
    LEGEND,
  ]
}

const conflictsOf = ({ conflicting }: Crossing): string[] =>
  [...conflicting].flatMap(([light, rivals]) =>
    rivals.filter((rival) => light < rival).map((rival) => `${light}-${rival}`),
  )

/** Displays over the time before `endMs`, to its very moment, and a ruler below them. */
export function timingDiagram(crossing: Crossing, painted: readonly Painted[], endMs: number): string[] {
  const width = Math.max(...crossing.lights.map((light) => light.length))
  const rows = crossing.lights.map((light) => {
    const own = painted.filter((one) => one.light === light)
    const cells = Array.from({ length: COLUMNS }, (_, column) => {
      const atMs = endMs - (COLUMNS - 1 - column) * COLUMN_MS
      return atMs < 0 ? ' ' : SYMBOLS[own.findLast((one) => one.atMs <= atMs)?.aspect ?? 'red']
    })
    return `${light.padEnd(width)} |${cells.join('')}|`
  })
  return [...rows, `${' '.repeat(width)}  ${ruler(endMs)}`]
}

/** The time at every fifth second before the end, each below the column that is marked. */
function ruler(endMs: number): string {
  const marks = Array.from({ length: COLUMNS / MARK_COLUMNS }, (_, index) => {
    const column = index * MARK_COLUMNS
    const atMs = endMs - (COLUMNS - 1 - column) * COLUMN_MS
    return (atMs < 0 ? '' : `^${seconds(atMs).trim()}`).padEnd(MARK_COLUMNS)
  })
  return `${marks.join('').slice(0, COLUMNS - 1)}^${seconds(endMs).trim()}`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`.padStart(11)
