/** What the broker tells admins alone, under `$SYS/broker/`, besides the figures that Mosquitto made usual. */
import * as z from 'zod'
import { MESSAGE_BYTES_MAX } from './limits.ts'
import { parseJson } from './messages.ts'
import { NAME_PATTERN } from './topics.ts'

export const SYSTEM_ROOT = '$SYS/broker'

/** Somebody was not let in. Not retained, and at most once a second. */
export const REFUSED_LOG_IN_TOPIC = `${SYSTEM_ROOT}/log-ins/refused`

const ADMIN_PREFIX = `${SYSTEM_ROOT}/admin/`

/**
 * By subscribing to it a client learns whether its user is an admin of that crossing: to nobody else it is granted.
 * Nothing is ever published there.
 */
export const adminTopic = (crossing: string): string => `${ADMIN_PREFIX}${crossing}`

/** The crossing whose `adminTopic` that is; null where it is none. */
export function crossingOfAdminTopic(topic: string): string | null {
  const crossing = topic.slice(ADMIN_PREFIX.length)
  return topic.startsWith(ADMIN_PREFIX) && NAME_PATTERN.test(crossing) ? crossing : null
}

const refusedShape = z.object({
  /** Null where there is no such user: what was given for one may be a password. */
  user: z.string().nullable(),
  /** The address that it came from. */
  from: z.string(),
  reason: z.string(),
  /** How many there were since the message before; the other fields are those of the newest. */
  count: z.number(),
})

export type RefusedLogIn = Readonly<z.output<typeof refusedShape>>

export const encodeRefusedLogIn = (refused: RefusedLogIn): string => JSON.stringify(refused)

/** Reads it; null where it is garbage. */
export function parseRefusedLogIn(payload: Uint8Array): RefusedLogIn | null {
  const result = refusedShape.safeParse(parseJson(payload, MESSAGE_BYTES_MAX))
  return result.success ? result.data : null
}
