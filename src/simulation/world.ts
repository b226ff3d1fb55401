/** What the parts of an episode share. */
import { type Logger, silentLogger } from '../platform/log.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Network } from './network.ts'
import type { Oracle } from './oracle.ts'
import type { SeededRandom } from './random.ts'
import type { Timeline } from './timeline.ts'
import type { Ways } from './ways.ts'

export interface World {
  readonly timeline: Timeline
  readonly crossing: Crossing
  readonly ways: Ways
  readonly oracle: Oracle
  readonly network: Network
  /** Lateness of timers and the like. */
  readonly random: SeededRandom
  /** Told what happens, where somebody will read it. */
  readonly tell: ((text: string) => void) | null
}

/** The log of the program `name` of the episode: its lines are among what happens. */
export function loggerOf({ tell }: World, name: string): Logger {
  if (tell === null) return silentLogger
  const log = (fields: object, event: string): void => tell(`${name}: ${event} ${wordsOf(name, fields)}`.trimEnd())
  return { debug: log, info: log, warn: log, error: log }
}

/** Fields that say nothing in an episode: one crossing, no addresses, clocks that differ, advice for people. */
const LEFT_OUT = new Set(['crossing', 'url', 'topic', 'fix', 'startsAtMs'])

const wordsOf = (name: string, fields: object): string =>
  Object.entries(fields)
    .filter(([key, value]) => !LEFT_OUT.has(key) && value !== null && value !== name)
    .map(([key, value]) => `${key} ${shortened(key, value)}`)
    .join(', ')

/** A boot is told from others by its first digits. */
const shortened = (key: string, value: unknown): unknown =>
  key === 'boot' ? String(value).slice(0, 6) : typeof value === 'number' ? Math.round(value) : value
