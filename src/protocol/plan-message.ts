/** What a controller publishes of its plan, once a second and on change: for people, and for lights that differ. */
import * as z from 'zod'
import { ASPECTS } from './aspect.ts'
import { PLAN_BYTES_MAX } from './limits.ts'
import { parseJson } from './messages.ts'
import { MODES } from './mode.ts'

const seconds = z.number()

const lightShape = z.object({
  /** As it reported last; null before it did. */
  aspect: z.enum(ASPECTS).nullable(),
  state: z.enum(['fresh', 'adopting', 'missing', 'differing']),
  /** Since its last report; null before the first. */
  heardSecondsAgo: seconds.nullable(),
  /** How exactly its clock is known, ms; null while it is not. */
  clockBoundsMs: z.number().nullable(),
  /** From sending a command to its echo, ms; null before the first. */
  roundTripMs: z.number().nullable(),
  /** To its next planned change; null where none is planned. */
  changeSeconds: seconds.nullable(),
  /** Digest of its crossing file where that differs from the controller's. */
  file: z.string().optional(),
})

const planShape = z.object({
  /** The run of the controller in charge; null while nobody is. */
  run: z.number().nullable(),
  /** Digest of the controller's crossing file. */
  file: z.string(),
  mode: z.enum(MODES),
  state: z.enum(['waiting', 'stopped', 'held', 'running']),
  /** The stage that is green, or was last. */
  stage: z.string().nullable(),
  /** To the next change of the plan; null where none is planned. */
  changeSeconds: seconds.nullable(),
  /** What it waits for and why; null while the plan runs. */
  waitingFor: z.string().nullable(),
  lights: z.record(z.string(), lightShape),
})

export type PlanMessage = z.output<typeof planShape>
export type PlanLight = z.output<typeof lightShape>

export const encodePlan = (plan: PlanMessage): string => JSON.stringify(plan)

/** Reads a plan; null where it is garbage. */
export function parsePlan(payload: Uint8Array): PlanMessage | null {
  const result = planShape.safeParse(parseJson(payload, PLAN_BYTES_MAX))
  return result.success ? result.data : null
}
