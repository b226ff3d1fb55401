/** What the retained crossing file says, as far as the page needs it. */
import { conflictsOf, constantsOf, type Stage, stagesOf } from '../../protocol/crossing-parts.ts'
import { COMPASS, crossingShape } from '../../protocol/crossing-shape.ts'
import { FILE_BYTES_MAX } from '../../protocol/limits.ts'
import { parseJson } from '../../protocol/messages.ts'

export interface CrossingFacts {
  readonly name: string
  readonly lights: readonly string[]
  readonly stages: readonly Stage[]
  readonly conflicting: ReadonlyMap<string, readonly string[]>
  /** Where the traffic of a light comes from, degrees clockwise from north; none for a light that may be anywhere. */
  readonly arms: ReadonlyMap<string, number>
  readonly heartbeatMs: number
  readonly staleMs: number
  readonly redAmberMs: number
}

const EIGHTH = 45

/** Reads a crossing file; null where it is none. */
export function parseFacts(payload: Uint8Array): CrossingFacts | null {
  const parsed = crossingShape.safeParse(parseJson(payload, FILE_BYTES_MAX))
  if (!parsed.success) return null
  const file = parsed.data
  const { heartbeatMs, staleMs, redAmberMs } = constantsOf(file)
  const arms = Object.entries(file.arms ?? {}).map(
    ([light, arm]) => [light, typeof arm === 'number' ? arm % 360 : COMPASS.indexOf(arm) * EIGHTH] as const,
  )
  return {
    name: file.crossing,
    lights: file.lights,
    stages: stagesOf(file),
    conflicting: conflictsOf(file),
    arms: new Map(arms),
    heartbeatMs,
    staleMs,
    redAmberMs,
  }
}
