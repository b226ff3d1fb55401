/** Who looks at which crossing: from the log-in form, from the demo's address, or kept for a reload. Pure. */
import { NAME_PATTERN } from '../protocol/topics.ts'

export interface Session {
  readonly username: string
  readonly password: string
  readonly crossing: string
  /** The demo's one-run key was in the address: it may break things too. */
  readonly isKey: boolean
}

export const DEFAULT_CROSSING = 'demo'

/** The crossing that an address names, `?crossing=four-arm`; the demo where it names none. */
export function crossingIn(search: string): string {
  const name = new URLSearchParams(search).get('crossing') ?? DEFAULT_CROSSING
  return NAME_PATTERN.test(name) ? name : DEFAULT_CROSSING
}

/** The session of an address that carries a key, `#key=USER:PASSWORD`; null where it carries none. */
export function sessionIn({ hash, search }: { readonly hash: string; readonly search: string }): Session | null {
  const key = new URLSearchParams(hash.replace(/^#/, '')).get('key')
  const [, username, password] = /^([^:]+):(.+)$/.exec(key ?? '') ?? []
  if (username === undefined || password === undefined) return null
  return { username, password, crossing: crossingIn(search), isKey: true }
}

/** Reads what `JSON.stringify` made of a session; null where it is none. */
export function parseSession(text: string | null): Session | null {
  const fields = fieldsOf(text)
  const { username, password, crossing, isKey } = fields
  if (typeof username !== 'string' || typeof password !== 'string' || typeof isKey !== 'boolean') return null
  if (typeof crossing !== 'string' || !NAME_PATTERN.test(crossing)) return null
  return { username, password, crossing, isKey }
}

type Fields = { username?: unknown; password?: unknown; crossing?: unknown; isKey?: unknown }

function fieldsOf(text: string | null): Fields {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
