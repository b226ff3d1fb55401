/** Figures of many measurements, and how they are written. */

export interface Figures {
  readonly count: number
  readonly min: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What a figure should be at most. */
export interface Aim {
  readonly of: 'p99' | 'max'
  readonly atMost: number
}

export interface Row {
  /** What was measured, and its unit. */
  readonly what: string
  readonly figures: Figures
  readonly aim: Aim | null
}

export const rowOf = (what: string, values: readonly number[], aim: Aim | null = null): Row => ({
  what,
  figures: figuresOf(values),
  aim,
})

/** Percentiles are values that were measured (nearest rank), never means of two. Throws RangeError where there is none. */
function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    if (value === undefined) throw new RangeError('nothing was measured')
    return value
  }
  return { count: sorted.length, min: rank(0), p50: rank(0.5), p99: rank(0.99), max: rank(1) }
}

export const isMet = ({ figures, aim }: Row): boolean => aim === null || figures[aim.of] <= aim.atMost

/** The rows as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const { what, figures, aim } = row
    const { count, min, p50, p99, max } = figures
    const wanted = aim === null ? '' : `${aim.of} at most ${aim.atMost}: ${isMet(row) ? 'met' : 'MISSED'}`
    return [what, String(count), ...[min, p50, p99, max].map(written), wanted]
  })
  return markdownOf(['', 'n', 'min', 'p50', 'p99', 'max', 'aim'], cells)
}

export const markdownOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

/** Three digits are what a repetition confirms at best. */
export const written = (value: number): string =>
  value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
