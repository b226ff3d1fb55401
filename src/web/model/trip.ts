/** What the broker's conflict monitor says on the retained `trip`. */
import * as z from 'zod'
import { MESSAGE_BYTES_MAX } from '../../protocol/limits.ts'
import { parseJson } from '../../protocol/messages.ts'

const tripShape = z.object({
  tripped: z.boolean() /** What was seen, or how it ended, in a sentence. */,
  what: z.string().max(300).default('it does not say why'),
})

export type Trip = Readonly<z.output<typeof tripShape>>

/** Reads a trip; null where it is garbage. A cleared topic is no trip. */
export function parseTrip(payload: Uint8Array): Trip | null {
  if (payload.length === 0) return { tripped: false, what: '' }
  const result = tripShape.safeParse(parseJson(payload, MESSAGE_BYTES_MAX))
  return result.success ? result.data : null
}
