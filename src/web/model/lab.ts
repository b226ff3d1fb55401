/** What the demo's supervisor says on `lab/…`: which faults it can make, which last, and what it did. */
import * as z from 'zod'
import { FILE_BYTES_MAX } from '../../protocol/limits.ts'
import { parseJson } from '../../protocol/messages.ts'

export const LAB_TOPICS = { state: 'lab/state', events: 'lab/events', do: 'lab/do', undo: 'lab/undo' } as const

const text = z.string().max(200)

const faultShape = z.object({
  /** Published to `lab/do` and `lab/undo`. */
  id: z.string().min(1).max(100),
  label: text,
  /** What it is done to: a light, the controller, the broker, the page. */
  group: text,
  /** What undoes it; null for what is over at once, or undoes itself. */
  undo: text.nullable(),
  active: z.boolean(),
  /** Until it undoes itself; null where it does not. */
  endsInMs: z.number().nullable(),
})

const labShape = z.object({ faults: z.array(faultShape).max(200) })
const eventShape = z.object({ id: z.string().max(100), text })

export type LabFault = Readonly<z.output<typeof faultShape>>

/** Reads `lab/state`; null where it is garbage. Of 16 lights with long names it takes 40 KiB. */
export function parseLab(payload: Uint8Array): readonly LabFault[] | null {
  const result = labShape.safeParse(parseJson(payload, FILE_BYTES_MAX))
  return result.success ? result.data.faults : null
}

/** Reads `lab/events`; null where it is garbage. */
export function parseLabEvent(payload: Uint8Array): { readonly id: string; readonly text: string } | null {
  const result = eventShape.safeParse(parseJson(payload, FILE_BYTES_MAX))
  return result.success ? result.data : null
}
