/** The `trip` topic of a crossing: whether its conflict monitor has stopped it, why and since when. */
import * as z from 'zod'
import { MESSAGE_BYTES_MAX } from './limits.ts'
import { parseJson } from './messages.ts'

const tripShape = z.object({
  tripped: z.boolean(),
  /** What was seen, or how it ended, in a sentence. */
  what: z.string(),
  /** When, ISO 8601 in UTC; by the wall clock of the broker. */
  when: z.string(),
  /** The lights concerned. */
  lights: z.array(z.string()).readonly(),
})

export type Trip = Readonly<z.output<typeof tripShape>>

export const encodeTrip = (trip: Trip): string => JSON.stringify(trip)

/** Reads a trip; null where it is garbage. */
export function parseTrip(payload: Uint8Array): Trip | null {
  const result = tripShape.safeParse(parseJson(payload, MESSAGE_BYTES_MAX))
  return result.success ? result.data : null
}
