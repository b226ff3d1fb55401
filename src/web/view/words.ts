/** How things are said. */
import type { RefusedLogIn } from '../../protocol/system.ts'
import type { Shown } from '../model/light-record.ts'

/** What a light shows, in words: colour alone says it to nobody who cannot see it. */
export const ASPECT_WORDS: Readonly<Record<Shown, string>> = {
  red: 'red',
  'red-amber': 'red and amber',
  green: 'green',
  amber: 'amber',
  'flashing-red': 'flashing red',
  unknown: 'not heard',
}

/** Seconds with one decimal: `1.5 s`. */
export const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`

/** Minutes and seconds: `4:05`. */
export function minutes(ms: number): string {
  const whole = Math.floor(ms / 1000)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** `both` of two, `all` of more. */
export const allOf = (count: number): string => (count === 2 ? 'both' : 'all')

/** `just now`, `12 s ago`, `4:05 min ago`. */
export function ago(ms: number): string {
  if (ms < 1000) return 'just now'
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s ago` : `${minutes(ms)} min ago`
}

/** `log-in of light1 refused: wrong user name or password (3 times, from 10.0.0.7)`. */
export function refusedWords({ user, from, reason, count }: RefusedLogIn): string {
  const times = count === 1 ? '' : `${count} times, `
  return `log-in of ${user ?? 'an unknown user'} refused: ${reason} (${times}from ${from})`
}
