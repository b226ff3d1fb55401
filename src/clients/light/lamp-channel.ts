/** What a light's MQTT process and its lamp tell each other: lines of JSON over a socket pair. */
import type { Constants } from '../../protocol/constants.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import type { LampDisplay } from './lamp-display.ts'

/** The option that tells a lamp the descriptor of its end of the channel. */
export const CHANNEL_OPTION = '--channel='

/** What may wait in the channel for a reader that does not read, bytes; beyond it messages are dropped. */
export const BACKLOG_BYTES_MAX = 64 * 1024

/** Everything that a lamp is told once, at its start. */
export interface LampConfiguration extends LampDisplay {
  /** Name of the lock on the display. */
  readonly lock: string
  /** Digest of the crossing file. */
  readonly file: string
  readonly constants: Constants
  /** An earlier lamp of the same parent painted this display. */
  readonly successor: boolean
  /** Its crossing is tripped. */
  readonly tripped: boolean
}

export type ToLamp =
  | { readonly kind: 'configure'; readonly configuration: LampConfiguration }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'trip'; readonly tripped: boolean }
  | { readonly kind: 'hint'; readonly redEndsAtMs: number | null }
  | { readonly kind: 'note'; readonly notes: readonly string[] }
  /** End as soon as red is shown. */
  | { readonly kind: 'stop' }

export type FromLamp =
  | { readonly kind: 'beat' }
  /** It holds the lock: from now on it paints. */
  | { readonly kind: 'holds' }
  /** Another lamp holds it, of process `pid` where that could be found. */
  | { readonly kind: 'waits'; readonly pid: number | null }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'display'; readonly works: boolean }
  | { readonly kind: 'fact'; readonly level: 'info' | 'warn'; readonly fields: object; readonly event: string }

export const encode = (message: ToLamp | FromLamp): string => `${JSON.stringify(message)}\n`

/** Reads a line from the other end; null where it is none of ours. Both ends are of one version: shapes are trusted. */
export function decode<Message extends ToLamp | FromLamp>(line: string): Message | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as Message) : null
  } catch {
    return null
  }
}

/** A configuration names at most 16 lights and is the longest message, characters. */
export const LINE_CHARACTERS_MAX = 16 * 1024
